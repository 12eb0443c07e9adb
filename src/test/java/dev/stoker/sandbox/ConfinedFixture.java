package dev.stoker.sandbox;

import static org.awaitility.Awaitility.await;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.StdStream;
import dev.stoker.tool.ToolDefinition.Network;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A runner, and cells to run confined programs in, for all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ConfinedFixture {
  /** What Debian's shell and Python need. */
  static final SandboxSettings SETTINGS =
      new SandboxSettings(
          List.of(Path.of("/usr"), Path.of("/etc/ld.so.cache"), Path.of("/not/there")),
          new Resources(null, null, null, null, null, null));

  static final int ABI = 7;

  private static final AtomicInteger LAST = new AtomicInteger();

  @TempDir Path temporary;
  ProcessRunner runner;
  Policies policies;

  @BeforeAll
  void open() {
    runner = ProcessRunner.open(new ProcessSettings(2, ProcessSettings.EngineChoice.NATIVE));
    policies = new Policies(SETTINGS, abi());
  }

  @AfterAll
  void close() {
    runner.close();
  }

  /** The Landlock that the rules are made for; the kernel's may be newer. */
  int abi() {
    return ABI;
  }

  Path cell() {
    try {
      return Files.createTempDirectory(temporary, "cell");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ProcessSpec spec(Path cell, String program, String... arguments) {
    List<String> argv = new ArrayList<>(List.of(program));
    argv.addAll(List.of(arguments));
    return new ProcessSpec(
        "confined-" + ProcessHandle.current().pid() + "-" + LAST.incrementAndGet(),
        Path.of(program),
        argv,
        Map.of("PATH", "/usr/bin:/bin", "HOME", cell.toString()),
        cell,
        new StdinSource.Empty(),
        Duration.ofSeconds(1),
        Duration.ofMillis(250));
  }

  ProcessSpec confined(Path cell, String program, String... arguments) {
    ProcessSpec spec = spec(cell, program, arguments);
    return spec.confined(policies.of(Network.NONE, List.of(), spec));
  }

  /** A shell script, confined, to its end. */
  Heard shell(Path cell, String script, Object... arguments) {
    return run(confined(cell, "/bin/sh", arguments("-c", script, "sh", arguments)));
  }

  /** A Python script, confined, to its end. */
  Heard python(Path cell, String script, Object... arguments) {
    return run(confined(cell, "/usr/bin/python3", arguments("-c", script, null, arguments)));
  }

  Heard run(ProcessSpec spec) {
    Heard heard = new Heard();
    heard.process = runner.start(spec, heard);
    return heard.awaitEnd();
  }

  Heard start(ProcessSpec spec) {
    Heard heard = new Heard();
    heard.process = runner.start(spec, heard);
    return heard;
  }

  private static String[] arguments(
      String flag, String script, @Nullable String name, Object... arguments) {
    List<String> all = new ArrayList<>(List.of(flag, script));
    if (name != null) {
      all.add(name);
    }
    for (Object argument : arguments) {
      all.add(argument.toString());
    }
    return all.toArray(String[]::new);
  }

  /** What became of a process. */
  static final class Heard implements ProcessListener {
    private final StringBuilder stdout = new StringBuilder();
    private final StringBuilder stderr = new StringBuilder();
    private volatile long pid;
    private volatile @Nullable ProcessEnd end;
    private volatile @Nullable StartFailure failure;
    @Nullable RunningProcess process;

    @Override
    public void onStarted(long started) {
      pid = started;
    }

    @Override
    public synchronized Flow onOutput(StdStream stream, ByteBuffer chunk) {
      (stream == StdStream.STDOUT ? stdout : stderr).append(StandardCharsets.UTF_8.decode(chunk));
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd ended) {
      end = ended;
    }

    @Override
    public void onStartFailed(StartFailure failed) {
      failure = failed;
    }

    RunningProcess process() {
      return Objects.requireNonNull(process);
    }

    long pid() {
      return pid;
    }

    synchronized String stdout() {
      return stdout.toString().strip();
    }

    synchronized String stderr() {
      return stderr.toString().strip();
    }

    ProcessEnd end() {
      return Objects.requireNonNull(end, () -> "it did not end: " + failure);
    }

    StartFailure failure() {
      return Objects.requireNonNull(failure, () -> "it started, and ended: " + end);
    }

    Heard awaitStarted() {
      await().pollInterval(Duration.ofMillis(1)).until(() -> pid > 0);
      return this;
    }

    Heard awaitOutput(String text) {
      await().pollInterval(Duration.ofMillis(2)).until(() -> stdout().contains(text));
      return this;
    }

    Heard awaitEnd() {
      await()
          .pollInterval(Duration.ofMillis(1))
          .atMost(Duration.ofSeconds(30))
          .until(() -> end != null || failure != null);
      return this;
    }
  }
}
