package dev.stoker.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import dev.stoker.run.StdStream;
import dev.stoker.run.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every runner promises of the start, the exit and the output. */
abstract class ProcessRunnerContract extends RunnerFixture {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 77, 127, 255})
  void shouldTellTheExitCode(int code) {
    Recording run = run(Specs.script(directory, "exit " + code));

    assertThat(run.exit()).isEqualTo(new Exit.Code(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "SIGKILL", "SIGUSR1", "SIGSEGV"})
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

  @Test
  void shouldInheritNoDescriptor() {
    Recording run = run(Specs.program(directory, "/bin/ls", List.of("ls", "/proc/self/fd")));

    // 3 is the directory that ls itself is reading.
    assertThat(run.stdout()).isEqualTo("0\n1\n2\n3\n");
  }

  @Test
  void shouldEndInputAtOnceWhenThereIsNone() {
    Recording run = run(Specs.script(directory, "cat; echo end"));

    assertThat(run.stdout()).isEqualTo("end\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_536, 65_537, 3_000_000})
  void shouldFeedBytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);

    Recording run = run(Specs.script(directory, "cat").with(new StdinSource.Bytes(bytes)));

    assertThat(run.bytes(StdStream.STDOUT)).isEqualTo(bytes);
  }

  @Test
  void shouldFeedAFile() throws Exception {
    Path file = Files.writeString(directory.resolve("input"), "from a file");

    Recording run = run(Specs.script(directory, "cat").with(new StdinSource.File(file)));

    assertThat(run.stdout()).isEqualTo("from a file");
  }

  @Test
  void shouldNotMindInputThatIsNotRead() {
    Recording run =
        run(
            Specs.script(directory, "exec <&-; echo done")
                .with(new StdinSource.Bytes(new byte[1_000_000])));

    assertThat(run.exit()).isEqualTo(new Exit.Code(0));
    assertThat(run.stdout()).isEqualTo("done\n");
  }

  @Test
  void shouldTellTheCpuTimeAndThePeakOfMemoryOrNothing() {
    Recording run =
        run(
            Specs.script(
                directory, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.4"));

    Usage usage = run.end().usage();
    if (engine() == ProcessSettings.EngineChoice.NATIVE) {
      assertThat(usage).isNotNull();
      assertThat(usage.cpuMillis()).isBetween(5L, 20_000L);
      assertThat(usage.memoryPeakBytes()).isBetween(500_000L, 20_000_000L);
    } else {
      assertThat(usage).isNull();
    }
  }

  @ParameterizedTest
  @MethodSource("failures")
  void shouldSayWhyItCannotStart(String executable, int errno, String reason) throws Exception {
    Path script = Files.writeString(directory.resolve("plain-text"), "echo not a script\n");
    Path lost = Files.writeString(directory.resolve("lost"), "#!/no/such/interpreter\n");
    assertThat(script.toFile().setExecutable(!executable.equals("plain-text!"))).isTrue();
    assertThat(lost.toFile().setExecutable(true)).isTrue();
    String program = executable.replace("!", "");

    Recording run =
        run(Specs.program(directory, directory.resolve(program).toString(), List.of("tool")));

    assertThat(run.failure()).isEqualTo(new StartFailure(errno, "cannot start 'tool': " + reason));
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments("missing", 2, "no such file"),
        arguments("plain-text/inside", 20, "no such file"),
        arguments("lost", 2, "the program's interpreter or loader does not exist"),
        arguments("plain-text!", 13, "the file is not executable"),
        arguments("/tmp", 13, "it is a directory"));
  }

  @Test
  void shouldSayThatTheDirectoryIsMissing() {
    Recording run = run(Specs.script(directory.resolve("gone"), "true"));

    assertThat(run.failure())
        .isEqualTo(new StartFailure(2, "cannot start 'sh': its working directory does not exist"));
  }

  @Test
  void shouldSayThatTheInputIsMissing() {
    Recording run =
        run(
            Specs.script(directory, "true")
                .with(new StdinSource.File(directory.resolve("no-input"))));

    assertThat(run.failure())
        .isEqualTo(new StartFailure(2, "cannot start 'sh': its input does not exist"));
  }

  @ParameterizedTest
  @ValueSource(ints = {200_000, 9_000_000})
  void shouldSayThatTheArgumentsAreTooLong(int length) {
    Recording run = run(Specs.script(directory, "true", "x".repeat(length)));

    assertThat(run.failure())
        .isEqualTo(
            new StartFailure(
                7,
                "cannot start 'sh': its arguments and environment are too long for this system"));
  }

  @Test
  void shouldRefuseToStartWhenClosed() {
    ProcessRunner closed = ProcessRunner.open(new ProcessSettings(1, engine()));
    closed.close();
    closed.close();

    assertThatThrownBy(() -> closed.start(Specs.script(directory, "true").build(), new Recording()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThat(closed.active()).isZero();
  }

  @Test
  void shouldWriteWhatIsOfferedWhileItRuns() {
    LiveInput input = new LiveInput(1 << 20, () -> {});
    Recording recording = new Recording();
    runner.start(
        Specs.script(directory, "while read line; do echo \"got $line\"; done; echo end")
            .with(new StdinSource.Live(input))
            .build(),
        recording);

    for (int i = 1; i <= 3; i++) {
      String answer = "got " + i + "\n";
      input.offer((i + "\n").getBytes(UTF_8));
      await().until(() -> recording.stdout().endsWith(answer));
    }
    input.close();
    recording.awaitEnd();

    assertThat(recording.stdout()).isEqualTo("got 1\ngot 2\ngot 3\nend\n");
    assertThat(recording.exit()).isEqualTo(new Exit.Code(0));
  }

  @Test
  void shouldRefuseMoreThanTheBoundAndTellWhenThereIsRoom() throws Exception {
    Path go = directory.resolve("go-" + System.nanoTime());
    AtomicInteger rooms = new AtomicInteger();
    LiveInput input = new LiveInput(1 << 20, rooms::incrementAndGet);
    Recording recording = new Recording();
    runner.start(
        Specs.script(directory, "until [ -e \"$1\" ]; do sleep 0.01; done; wc -c", go.toString())
            .with(new StdinSource.Live(input))
            .build(),
        recording);
    recording.awaitStarted();

    byte[] piece = new byte[256 << 10];
    int taken = 0;
    while (input.offer(piece)) {
      taken += piece.length;
      assertThat(taken).as("what waits, and what is in the pipe").isLessThan(2 << 20);
    }
    Files.createFile(go);
    await().until(() -> rooms.get() > 0);
    assertThat(input.offer(piece)).isTrue();
    input.close();
    recording.awaitEnd();

    assertThat(recording.stdout().strip()).isEqualTo(Integer.toString(taken + piece.length));
  }

  @Test
  void shouldDropWhatIsOfferedToAProcessThatHasGone() {
    LiveInput input = new LiveInput(10, () -> {});
    Recording run = run(Specs.script(directory, "exit 3").with(new StdinSource.Live(input)));

    assertThat(run.exit()).isEqualTo(new Exit.Code(3));
    for (int i = 0; i < 10; i++) {
      assertThat(input.offer(new byte[1 << 10])).isTrue();
    }
  }
}
