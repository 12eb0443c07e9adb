package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerProcess;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Programs of Debian's that listen. Stateless. */
final class Daemon {
  private static final Duration READY_MAX = Duration.ofSeconds(30);

  private Daemon() {}

  /**
   * Starts one; it listens at the address when this returns.
   *
   * @param name of the program and of its package
   */
  static StokerProcess start(
      String name, Path directory, String address, int port, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(arguments);
    command.add("--web.listen-address=" + address + ":" + port);
    StokerProcess process = launch(name, directory, command);
    try {
      await()
          .atMost(READY_MAX)
          .failFast(() -> assertThat(process.isAlive()).as(process.errors()).isTrue())
          .until(() -> Watched.answers(address, port));
      return process;
    } catch (RuntimeException | AssertionError e) {
      process.close();
      throw e;
    }
  }

  private static StokerProcess launch(String name, Path directory, List<String> command) {
    try {
      return StokerProcess.launch(
          new ProcessBuilder(command),
          directory.resolve(name + ".out"),
          directory.resolve(name + ".err"));
    } catch (UncheckedIOException e) {
      throw new IllegalStateException("this test needs " + name + ": install Debian's " + name, e);
    }
  }
}
