package dev.stoker.nemesis;

import static org.awaitility.Awaitility.await;

import dev.stoker.Http;
import dev.stoker.StokerHome;
import dev.stoker.StokerProcess;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of a test's cluster, in all its lives. Its address and its data stay the same.
 *
 * <p>Thread-safe: one at a time, under its own lock, except for what only asks.
 */
final class TestNode implements AutoCloseable {
  static final int PORT = 8080;
  static final int MANAGEMENT_PORT = 8081;
  private static final Duration READY_MAX = Duration.ofSeconds(90);
  private static final Duration LOOK_MAX = Duration.ofSeconds(5);

  private final StokerHome home;
  private final String name;
  private final String address;
  private final List<String> prefix;
  private final List<String> arguments;
  private final Http management;
  private final List<StokerProcess> lives = new ArrayList<>();
  private boolean paused;

  /**
   * @param prefix starts a program where the node is
   * @param arguments of Stoker's command line
   */
  TestNode(
      StokerHome home, String name, String address, List<String> prefix, List<String> arguments) {
    this.home = home;
    this.name = name;
    this.address = address;
    this.prefix = List.copyOf(prefix);
    this.arguments = List.copyOf(arguments);
    this.management = new Http(URI.create("http://" + address + ":" + MANAGEMENT_PORT), LOOK_MAX);
  }

  /** As configured: what it calls itself begins with this. */
  String name() {
    return name;
  }

  URI address() {
    return URI.create("http://" + address + ":" + PORT);
  }

  /** Its health and metrics, looked at with little patience. */
  Http management() {
    return management;
  }

  /** Starts it and returns at once. */
  synchronized void begin() {
    if (current() != null) {
      throw new IllegalStateException(name + " lives");
    }
    lives.add(StokerProcess.run(home, prefix, arguments));
  }

  /** Waits until it takes commands. */
  void awaitReady() {
    try {
      await()
          .atMost(READY_MAX)
          .pollInterval(Duration.ofMillis(20))
          .failFast(name + " ended", () -> current() == null)
          .until(this::isReady);
    } catch (RuntimeException e) {
      throw new IllegalStateException(name + " is not ready: " + said(), e);
    }
  }

  boolean isReady() {
    try {
      return management.get("/health/ready").status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  synchronized boolean isAlive() {
    return current() != null;
  }

  synchronized long pid() {
    StokerProcess process = current();
    if (process == null) {
      throw new IllegalStateException(name + " does not live");
    }
    return process.pid();
  }

  synchronized void kill9() {
    StokerProcess process = current();
    if (process != null) {
      process.kill9();
      paused = false;
    }
  }

  /** Asks it to stop and waits until it has; returns its exit code. */
  int terminate() {
    StokerProcess process = current();
    if (process == null) {
      throw new IllegalStateException(name + " does not live");
    }
    process.terminate();
    return process.exitCode();
  }

  synchronized void pause() {
    StokerProcess process = current();
    if (process != null && !paused) {
      Shell.signal("STOP", process.pid());
      paused = true;
    }
  }

  synchronized void resume() {
    StokerProcess process = current();
    if (process != null && paused) {
      Shell.signal("CONT", process.pid());
    }
    paused = false;
  }

  /** What every life of it has said, in order. */
  synchronized String history() {
    StringBuilder all = new StringBuilder();
    lives.forEach(life -> all.append(life.errors()).append("\n--- next life\n"));
    return all.toString();
  }

  /** What it has written to its log in its last life. */
  synchronized String said() {
    return lives.isEmpty() ? "" : lives.getLast().errors();
  }

  private synchronized @Nullable StokerProcess current() {
    return lives.isEmpty() || !lives.getLast().isAlive() ? null : lives.getLast();
  }

  @Override
  public void close() {
    kill9();
    management.close();
  }
}
