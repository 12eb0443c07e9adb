package dev.stoker.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.RunningProcess;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.StdStream;
import dev.stoker.tool.Tool;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules that do not mean well, beside a neighbour that must not notice. */
class FunctionAttacksIT {
  private static final FileTime WITNESS = FileTime.from(Instant.parse("2000-01-01T00:00:00Z"));

  @TempDir static Path directory;
  private static FunctionFixture fixture;
  private static Path module;
  private static Tool probe;

  @BeforeAll
  static void open() throws Exception {
    module = Wasm.compile("src/test/resources/function/probe.c", directory.resolve("probe.wasm"));
    fixture = new FunctionFixture(directory, 2, "32MiB");
    probe = fixture.tool(module, "limits: {memory: 16MiB, disk: 1MiB, fileSize: 512KiB}");
  }

  @AfterAll
  static void close() {
    fixture.close();
  }

  /** After each attack a neighbour runs as ever, and nothing of the attacker's is left. */
  @AfterEach
  void leaveTheNeighbourUntouched() {
    assertThat(fixture.run(probe, "arguments", "neighbour").stdout()).contains("neighbour");
    await().untilAsserted(() -> assertThat(fixture.functions.heapTaken()).isZero());
  }

  @ParameterizedTest
  @CsvSource({
    "read,../../../../etc/passwd",
    "read,/etc/passwd",
    "read,x/../../secret",
    "read,..",
    "raw-open,../secret",
    "raw-open,/etc/passwd",
    "raw-open,x/../../secret",
    "write,../secret",
    "write,/tmp/written-by-a-module"
  })
  void shouldReachNothingOutsideItsDirectory(String attempt, String path) throws Exception {
    Files.writeString(directory.resolve("secret"), "secret");
    Path work = fixture.work();
    Files.createDirectory(work.resolve("x"));

    String said = fixture.run(probe, work, new StdinSource.Empty(), attempt, path).stdout();

    assertThat(said).matches("(?s).*: (?!done).*\\n|read 0 bytes\\n|read -1 bytes\\n");
    assertThat(directory.resolve("secret")).hasContent("secret");
    assertThat(Path.of("/tmp/written-by-a-module")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"symlink", "link"})
  void shouldMakeNoLinks(String attempt) throws Exception {
    Path work = fixture.work();
    Files.writeString(work.resolve("input"), "input");

    for (String target : new String[] {"/etc/passwd", "../secret", "input"}) {
      assertThat(fixture.run(probe, work, new StdinSource.Empty(), attempt, target).stdout())
          .doesNotContain("done");
    }

    assertThat(work).isDirectoryNotContaining("glob:**/{way-out,other}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"write", "truncate", "append", "touch"})
  void shouldNotChangeAnInput(String attempt) throws Exception {
    Path blob = Files.writeString(directory.resolve("blob-" + attempt), "content");
    Files.setLastModifiedTime(blob, WITNESS);
    Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("r--r--r--"));
    Path work = fixture.work();
    Files.createLink(work.resolve("input"), blob);

    String said = fixture.run(probe, work, new StdinSource.Empty(), attempt, "input").stdout();

    assertThat(said).contains("Permission denied").doesNotContain("done");
    assertThat(blob).hasContent("content");
    assertThat(Files.getLastModifiedTime(blob)).isEqualTo(WITNESS);
  }

  @Test
  void shouldEndWhenItsMemoryGrowsBeyondTheLimit() {
    Heard heard = fixture.run(probe, "grow");

    assertThat(heard.end().verdict())
        .isEqualTo(new Outcome.OutOfMemory("its memory exceeded its limit of 16MiB"));
    assertThat(heard.usage().memoryPeakBytes()).isBetween(8L << 20, 16L << 20);
  }

  @Test
  void shouldEndWhenItBeginsBeyondTheLimit() {
    Tool small = fixture.tool(module, "limits: {memory: 64KiB}");

    assertThat(fixture.run(small, "nothing").end().verdict())
        .isEqualTo(new Outcome.OutOfMemory("its memory exceeded its limit of 64KiB"));
  }

  @Test
  void shouldEndWhenFunctionsHaveUsedUpWhatTheNodeHas() {
    Tool large = fixture.tool(module);
    Heard first = new Heard();
    RunningProcess holding = fixture.start(first, large, "sleep", "20");
    first.awaitOutput("sleeping");

    assertThat(fixture.run(large, "grow").end().verdict())
        .isEqualTo(
            new Outcome.OutOfMemory(
                "functions have used up what this node has for them, 32MiB of memory"));

    holding.stop();
    assertThat(first.end().exit()).isEqualTo(new Exit.Signal(9, "SIGKILL"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop", "sleep", "read-on"})
  void shouldEndWhenStopped(String attempt) {
    Heard heard = new Heard();
    RunningProcess run = fixture.start(heard, probe, attempt);
    await().until(heard::started);
    long asked = System.nanoTime();
    run.stop();

    assertThat(heard.end().exit()).isEqualTo(new Exit.Signal(9, "SIGKILL"));
    assertThat(heard.end().verdict()).isNull();
    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void shouldLeaveNoInterruptForTheNextRunOfItsThread() throws Exception {
    try (FunctionFixture one =
        new FunctionFixture(Files.createTempDirectory(directory, "one"), 1, "64MiB")) {
      Tool tool = one.tool(module);
      for (int i = 0; i < 50; i++) {
        Heard stopped = new Heard();
        RunningProcess run = one.start(stopped, tool, "nothing");
        if (i % 2 == 0) {
          await().pollInterval(Duration.ofNanos(100_000)).until(stopped::started);
        }
        run.stop();
        stopped.awaitEnd();
        assertThat(one.run(tool, "files").stdout()).isEqualTo("two\n3 bytes\n");
      }
    }
  }

  @Test
  void shouldWaitForASlowReaderOfAGibibyte() {
    long pieces = 16 * 1024;
    ExecutorService reading = Executors.newSingleThreadExecutor();
    SlowReader reader = new SlowReader(reading);
    try {
      reader.process.complete(fixture.start(reader, probe, "output", Long.toString(pieces)));
      assertThat(reader.end().exit()).isEqualTo(new Exit.Code(0));
    } finally {
      reading.shutdown();
    }
    assertThat(reader.bytes.get()).isEqualTo(1L << 30);
    assertThat(reader.aheadMax.get()).isEqualTo(1);
  }

  @Test
  void shouldEndWhileItWaitsForAReaderThatNeverReads() {
    Heard deaf =
        new Heard() {
          @Override
          public Flow onOutput(StdStream stream, ByteBuffer chunk) {
            super.onOutput(stream, chunk);
            return Flow.PAUSE;
          }
        };
    RunningProcess run = fixture.start(deaf, probe, "output", "-1");
    deaf.awaitOutput("y");
    run.stop();

    assertThat(deaf.end().exit()).isEqualTo(new Exit.Signal(9, "SIGKILL"));
    assertThat(deaf.stdout()).hasSize(64 * 1024);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fill | 524288 fill: File too large",
        "holes | [0-9]{2} holes: File too large",
        "extend | extend: File too large\\nallocate: File too large",
        "open-many | few: open: .*"
      })
  void shouldKeepToWhatItMayWriteAndOpen(String attempt, String words) {
    assertThat(fixture.run(probe, attempt).stdout().strip()).matches(words.replace("\\n", "\n"));
  }

  @Test
  void shouldAllocateNothingForALengthThatIsNotThere() {
    byte[] bytes = "x".getBytes(StandardCharsets.UTF_8);
    Heard heard = fixture.run(probe, fixture.work(), new StdinSource.Bytes(bytes), "huge-read");

    assertThat(heard.end().exit()).isInstanceOf(Exit.class);
    assertThat(heard.stdout()).startsWith("huge read: ");
  }

  /** Has each piece wait for a reader on another thread. */
  private static final class SlowReader extends Heard {
    final AtomicLong bytes = new AtomicLong();
    final AtomicInteger aheadMax = new AtomicInteger();
    final CompletableFuture<RunningProcess> process = new CompletableFuture<>();
    private final ExecutorService reading;
    private final AtomicInteger ahead = new AtomicInteger();

    SlowReader(ExecutorService reading) {
      this.reading = reading;
    }

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      bytes.addAndGet(chunk.remaining());
      aheadMax.accumulateAndGet(ahead.incrementAndGet(), Math::max);
      reading.execute(
          () -> {
            ahead.decrementAndGet();
            process.join().resume(stream);
          });
      return Flow.PAUSE;
    }
  }
}
