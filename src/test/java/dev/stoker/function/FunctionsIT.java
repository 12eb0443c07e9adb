package dev.stoker.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules that mean well, and those that do not work at all. */
class FunctionsIT {
  @TempDir static Path directory;
  private static FunctionFixture fixture;
  private static Path module;
  private static Tool probe;

  @BeforeAll
  static void open() throws Exception {
    module = Wasm.compile("src/test/resources/function/probe.c", directory.resolve("probe.wasm"));
    fixture = new FunctionFixture(directory, 2, "128MiB");
    probe = fixture.tool(module);
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  @Test
  void shouldGiveArgumentsAndEnvironmentAndBothStreams() {
    Heard heard = fixture.run(probe, "arguments", "two words");

    assertThat(heard.end().exit()).isEqualTo(new Exit.Code(0));
    assertThat(heard.end().verdict()).isNull();
    assertThat(heard.stdout().lines())
        .containsExactly("f", "arguments", "two words", "HOME=/", "LANG=C.UTF-8");
    assertThat(heard.stderr()).isEqualTo("to stderr\n");
    assertThat(heard.usage().memoryPeakBytes()).isGreaterThan(64 << 10);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "3,3", "255,255", "256,255", "-1,255"})
  void shouldEndWithTheCodeThatItExitsWith(String asked, int told) {
    assertThat(fixture.run(probe, "exit", asked).end().exit()).isEqualTo(new Exit.Code(told));
  }

  @Test
  void shouldWorkInItsDirectory() throws Exception {
    Path work = fixture.work();
    Files.writeString(work.resolve("in"), "12345");

    assertThat(fixture.run(probe, work, new StdinSource.Empty(), "files").stdout())
        .isEqualTo("two\n3 bytes\n");
    assertThat(fixture.run(probe, work, new StdinSource.Empty(), "read", "in").stdout())
        .isEqualTo("read 5 bytes\n");
    assertThat(fixture.run(probe, work, new StdinSource.Empty(), "write", "out").stdout())
        .isEqualTo("write: done\n");
    assertThat(work.resolve("out")).hasContent("written\n");
    assertThat(work).isDirectoryNotContaining("glob:**d");
  }

  @Test
  void shouldReadItsInputFromBytesAndFiles() throws Exception {
    byte[] bytes = "some input ".repeat(500_000).getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(directory.resolve("input"), bytes);

    assertThat(fixture.run(probe, fixture.work(), new StdinSource.Bytes(bytes), "cat").stdout())
        .isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    assertThat(fixture.run(probe, fixture.work(), new StdinSource.File(file), "count").stdout())
        .isEqualTo(bytes.length + "\n");
    assertThat(
            fixture
                .run(probe, fixture.work(), new StdinSource.File(directory.resolve("no")), "cat")
                .failure())
        .isEqualTo("cannot start 'f': its input does not exist");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unreachable | unreachable",
        "abort | unreachable",
        "divide | divide by zero",
        "wild | out of bounds",
        "recurse | call stack exhausted"
      })
  void shouldSayWhyItTrapped(String attempt, String words) {
    Heard heard = fixture.run(probe, attempt);

    assertThat(heard.end().exit()).isEqualTo(new Exit.Signal(6, "SIGABRT"));
    assertThat(heard.end().verdict())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed ->
                assertThat(failed.reason()).startsWith("the module trapped: ").contains(words));
    assertThat(fixture.run(probe, "nothing").end().exit()).isEqualTo(new Exit.Code(0));
  }

  @Test
  void shouldTellTheProcessorTimeItTook() {
    Heard heard = new Heard();
    var run = fixture.start(heard, probe, "loop");
    heard.awaitOutput("looping");
    await().pollDelay(Duration.ofMillis(300)).until(() -> true);
    run.stop();

    assertThat(heard.usage().cpuMillis()).isBetween(20L, 60_000L);
  }

  @Test
  void shouldRunTheModuleThatIsThereNow() throws Exception {
    Path changing = directory.resolve("changing.wasm");
    Path source = directory.resolve("changing.c");
    Files.writeString(source, "int main() { return 1; }");
    Tool tool = fixture.tool(Wasm.compile(source, changing));
    assertThat(fixture.run(tool).end().exit()).isEqualTo(new Exit.Code(1));

    Files.writeString(source, "int main() { return 2; }");
    Wasm.compile(source, changing);

    assertThat(fixture.run(tool).end().exit()).isEqualTo(new Exit.Code(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "truncated", "import", "library"})
  void shouldSayWhatIsWrongWithAModule(String kind) throws Exception {
    Path broken = directory.resolve(kind + ".wasm");
    Path source = directory.resolve(kind + ".c");
    switch (kind) {
      case "text" -> Files.writeString(broken, "no module at all");
      case "truncated" ->
          Files.write(broken, java.util.Arrays.copyOf(Files.readAllBytes(module), 5000));
      case "import" -> {
        Files.writeString(source, "void other(void); int main() { other(); return 0; }");
        Wasm.compile(source, broken, "-Wl,--allow-undefined", "-Wno-everything");
      }
      default -> {
        Files.writeString(source, "int twice(int n) { return 2 * n; }");
        Wasm.compile(source, broken, "-nostartfiles", "-Wl,--no-entry", "-Wl,--export=twice");
      }
    }
    String words =
        switch (kind) {
          case "import" -> "it imports env.other, which is none of WASI preview 1's functions";
          case "library" -> "it exports no function _start: it is not a command";
          default -> "it is not a WebAssembly module";
        };

    Tool tool = fixture.tool(broken);
    assertThat(fixture.run(tool).failure()).startsWith("cannot start 'f': ").contains(words);
    await()
        .untilAsserted(
            () ->
                assertThat(fixture.tool(broken).availability())
                    .isInstanceOfSatisfying(
                        Availability.Unavailable.class,
                        why -> assertThat(why.reason()).contains(words)));
  }

  @Test
  void shouldRefuseWhatAFunctionCannotHave() {
    Tool tool =
        fixture.tool(
            module,
            "network: host",
            "readable: [/etc]",
            "limits: {memory: 1GiB, cpu: 1, pids: 5, openFiles: 10}");

    assertThat(tool.availability())
        .isInstanceOfSatisfying(
            Availability.Unavailable.class,
            why ->
                assertThat(why.reason())
                    .contains(
                        "network: host cannot be given to a function; allowed here: none",
                        "readable cannot",
                        "limits.memory: 1GiB cannot be given to a function by this node;"
                            + " allowed here: at most 128MiB",
                        "limits.cpu cannot",
                        "limits.pids cannot",
                        "limits.openFiles cannot"));
  }
}
