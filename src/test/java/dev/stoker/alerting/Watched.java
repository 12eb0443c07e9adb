package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerHome;
import dev.stoker.StokerProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A node of a cluster, at an address of its own where it is in each of its lives. Not thread-safe;
 * closing ends it.
 */
final class Watched implements AutoCloseable {
  private static final int PORT = 8080;
  private static final int MANAGEMENT_PORT = 8081;
  private static final Duration START_MAX = Duration.ofSeconds(90);

  private final String name;
  private final String address;
  private final StokerHome home;
  private StokerProcess life;

  /**
   * @param name its name, and the last part of its directory
   */
  Watched(Path directory, String name, String address, List<String> members, String cluster) {
    this.name = name;
    this.address = address;
    this.home =
        new StokerHome(directory.resolve(name))
            .config(
                "cluster: {name: %s, bind: %s, members: [%s], port: 5701, minimumMembers: 2}"
                    .formatted(cluster, address, String.join(", ", members)),
                "node: {name: " + name + ", slots: 2}",
                "http: {host: " + address + "}",
                "management: {host: " + address + "}");
    home.tool("name: hello", "command: [echo, hello]", "isolation: none");
    this.life = run();
  }

  /** Starts it again after its end. */
  void startAgain() {
    life = run();
  }

  void kill9() {
    life.kill9();
  }

  String name() {
    return name;
  }

  /** Where it takes commands. */
  URI api() {
    return URI.create("http://" + address + ":" + PORT);
  }

  /** Where it is scraped. */
  String target() {
    return address + ":" + MANAGEMENT_PORT;
  }

  void awaitServing() {
    await()
        .atMost(START_MAX)
        .failFast(() -> assertThat(life.isAlive()).as(name + ": " + life.errors()).isTrue())
        .until(() -> life.output().contains("serves http"));
  }

  @Override
  public void close() {
    life.close();
  }

  private StokerProcess run() {
    return StokerProcess.run(
        home,
        List.of(
            "serve",
            "--cluster",
            "--config",
            home.config().toString(),
            "--catalog",
            home.catalog().toString(),
            "--data",
            home.data().toString()));
  }

  /** Whether somebody listens. */
  static boolean answers(String host, int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
