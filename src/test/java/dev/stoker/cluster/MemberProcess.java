package dev.stoker.cluster;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A {@link MemberMain} and what it has told. Closing kills it, by its id. */
final class MemberProcess implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(90);
  private static final AtomicInteger ASKED = new AtomicInteger();

  private final String node;
  private final Process process;
  private final Path errors;
  private final List<String> told = new CopyOnWriteArrayList<>();

  /**
   * How a member is started.
   *
   * @param prefix of the command, such as {@code ip netns exec}
   */
  record Start(
      List<String> prefix, String bind, String members, String name, String secret, int minimum) {

    /** As Stoker's configuration and this environment say. */
    static Start configured(Map<String, String> environment, Path data) {
      List<String> prefix = new ArrayList<>(List.of("env"));
      environment.forEach((name, value) -> prefix.add(name + "=" + value));
      return new Start(prefix, "", data.toString(), "", "", 1);
    }
  }

  private MemberProcess(String node, Process process, Path errors) {
    this.node = node;
    this.process = process;
    this.errors = errors;
  }

  /** Starts one without waiting for it. */
  static MemberProcess launch(Path directory, String node, Start start) {
    List<String> command = new ArrayList<>(start.prefix());
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx192m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.management/sun.management=ALL-UNNAMED",
            "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            MemberMain.class.getName(),
            node,
            start.bind(),
            start.members(),
            start.name(),
            start.secret(),
            String.valueOf(start.minimum())));
    Path errors = directory.resolve(node + ".err");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      MemberProcess member = new MemberProcess(node, process, errors);
      Thread.ofPlatform().daemon().start(member::listen);
      return member;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String node() {
    return node;
  }

  MemberProcess awaitReady() {
    await()
        .atMost(START_MAX)
        .failFast(() -> assertThat(process.isAlive()).as(log()).isTrue())
        .until(() -> told.contains("ready"));
    return this;
  }

  /** Whom it sees, as it told last. */
  String present() {
    return last("present ");
  }

  String quorum() {
    return last("quorum ");
  }

  boolean hasMerged() {
    return told.contains("merged");
  }

  /** What another says when it is asked over the event bus; {@code failed: …} when it does not. */
  String ask(String address) {
    return command("ask %d " + address);
  }

  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void leave() {
    say("leave");
    try {
      if (!process.waitFor(60, SECONDS)) {
        throw new IllegalStateException(node + " does not leave: " + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Its log. */
  String log() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String command(String format) {
    int number = ASKED.incrementAndGet();
    say(format.formatted(number));
    String mark = "answer " + number + " ";
    await().atMost(Duration.ofSeconds(60)).until(() -> !last(mark).isEmpty());
    return last(mark);
  }

  private void say(String line) {
    try {
      Writer in = process.outputWriter(StandardCharsets.UTF_8);
      in.write(line + "\n");
      in.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String last(String mark) {
    String found = "";
    for (String line : told) {
      if (line.startsWith(mark)) {
        found = line.substring(mark.length());
      }
    }
    return found;
  }

  private void listen() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null) {
        told.add(line);
        line = out.readLine();
      }
    } catch (IOException e) {
      // It was killed.
    }
  }
}
