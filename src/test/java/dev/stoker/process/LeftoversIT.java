package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that is killed leaves its processes behind; the next one kills those, and no others. */
final class LeftoversIT {
  @TempDir Path directory;

  @Test
  void shouldKillWhatAKilledRunnerLeftBehind() throws Exception {
    String unique = "1000." + ThreadLocalRandom.current().nextInt(100_000_000, 1_000_000_000);
    Process first = java(FirstLife.class, "node-a-" + unique, unique, directory.toString());
    Process second = java(FirstLife.class, "node-b-" + unique, unique, directory.toString());
    assertThat(first.inputReader().readLine()).isEqualTo("ready");
    assertThat(second.inputReader().readLine()).isEqualTo("ready");
    first.destroyForcibly().waitFor();
    assertThat(ProcessSigns.withEnvironment("STOKER_RUN=node-a-" + unique)).hasSize(4);

    Process third = java(SecondLife.class, "node-a-" + unique);

    // One has cleared its environment, but not left the session.
    assertThat(third.inputReader().readLine()).isEqualTo("killed 5");
    assertThat(third.waitFor()).isZero();
    assertThat(ProcessSigns.withEnvironment("STOKER_RUN=node-a-" + unique)).isEmpty();
    assertThat(ProcessSigns.withEnvironment("STOKER_RUN=node-b-" + unique)).hasSize(4);
    second.destroy();
    await().until(() -> ProcessSigns.withCommand(unique + "\0").isEmpty());
  }

  private static Process java(Class<?> main, String... arguments) throws IOException {
    var command =
        new java.util.ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeAll(Map.of("STOKER_RUN", "").keySet());
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Starts a tree and waits to be killed; arguments: mark, time to sleep, directory. */
  static final class FirstLife {
    private FirstLife() {}

    public static void main(String[] args) {
      ProcessRunner runner =
          ProcessRunner.open(new ProcessSettings(1, ProcessSettings.EngineChoice.NATIVE));
      Runtime.getRuntime().addShutdownHook(new Thread(runner::close));
      Recording run = new Recording();
      runner.start(
          Specs.script(
                  Path.of(args[2]),
                  "sleep $1 & (setsid sleep $1 &); env -i /bin/sleep $1 & echo ready; sleep $1; :",
                  args[1])
              .withMark(args[0])
              .build(),
          run);
      await()
          .until(
              () ->
                  run.stdout().equals("ready\n")
                      && ProcessSigns.withEnvironment("STOKER_RUN=" + args[0]).size() == 4);
      System.out.println("ready");
      await().forever().until(run::over);
    }
  }

  /** Cleans up after the first life; argument: the mark's prefix. */
  static final class SecondLife {
    private SecondLife() {}

    public static void main(String[] args) {
      try (ProcessRunner runner =
          ProcessRunner.open(new ProcessSettings(1, ProcessSettings.EngineChoice.AUTO))) {
        System.out.println("killed " + runner.killLeftovers(args[0]));
      }
    }
  }
}
