package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every runner promises: the start, the exit, the output. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ProcessRunnerContract {
  @TempDir Path directory;
  ProcessRunner runner;

  abstract ProcessSettings.EngineChoice engine();

  @BeforeAll
  void open() {
    runner = ProcessRunner.open(new ProcessSettings(4, engine()));
  }

  @AfterAll
  void close() {
    runner.close();
  }

  Recording run(Specs specs) {
    Recording recording = new Recording();
    runner.start(specs.build(), recording);
    return recording.awaitEnd();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 77, 127, 255})
  void shouldTellTheExitCode(int code) {
    Recording run = run(Specs.script(directory, "exit " + code));

    assertThat(run.exit()).isEqualTo(new Exit.Code(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "SIGKILL", "SIGINT", "SIGSEGV"})
  void shouldTellTheSignal(String name) {
    Recording run = run(Specs.script(directory, "kill -" + name.substring(3) + " $$"));

    assertThat(run.exit()).isEqualTo(Signals.byName(name));
  }

  @Test
  void shouldKeepEachStreamsBytesInOrder() {
    Recording run =
        run(
            Specs.script(
                directory, "for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf end"));

    assertThat(run.stdout()).isEqualTo("out 1\nout 2\nout 3\nend");
    assertThat(run.stderr()).isEqualTo("err 1\nerr 2\nerr 3\n");
  }

  @Test
  void shouldPassEachArgumentAsItIs() {
    List<String> odd = List.of("a b", "", "'", "\"", "*", "$(id)", "line\nbreak", "-n", "ä€😀");

    Recording run =
        run(Specs.script(directory, "printf '[%s]' \"$@\"", odd.toArray(String[]::new)));

    assertThat(run.stdout()).isEqualTo("[" + String.join("][", odd) + "]");
  }

  @Test
  void shouldGiveTheEnvironmentAndNoMore() {
    Specs specs =
        Specs.program(directory, "/usr/bin/env", List.of("env"))
            .withEnvironment(Map.of("A", "1", "EMPTY", "", "SPACED", "b c"));

    Recording run = run(specs);

    assertThat(run.stdout().lines())
        .containsExactlyInAnyOrder("A=1", "EMPTY=", "SPACED=b c", "STOKER_RUN=" + specs.mark());
  }

  @Test
  void shouldStartInTheDirectory() throws Exception {
    Recording run = run(Specs.program(directory, "/bin/pwd", List.of("pwd")));

    assertThat(run.stdout()).isEqualTo(directory.toRealPath() + "\n");
  }
}
