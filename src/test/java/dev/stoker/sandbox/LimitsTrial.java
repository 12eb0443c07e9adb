package dev.stoker.sandbox;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.StdStream;
import dev.stoker.run.Usage;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Real processes against each limit, with nothing but a POSIX shell and dd: it must run in a
 * machine that has no more. Each method throws an {@link AssertionError} when a limit does not
 * hold.
 */
final class LimitsTrial {
  private static final long END_SECONDS = 120;
  private static final ByteSize MEMORY = ByteSize.parse("64MiB");
  private static final int TASKS = 30;
  private static final double CPU = 0.05;

  private final ProcessRunner runner;
  private final Cgroups cgroups;
  private final Path root;
  private final AtomicInteger last = new AtomicInteger();

  LimitsTrial(ProcessRunner runner, Cgroups cgroups, Path root) {
    this.runner = runner;
    this.cgroups = cgroups;
    this.root = root;
  }

  void memoryBomb() throws Exception {
    Run neighbour = start(memory(), "read -r x < /dev/zero || true; while :; do :; done");

    Run bomb = start(memory(), "exec dd if=/dev/zero of=/dev/null bs=300M count=100000");

    expect(bomb.end().verdict() instanceof Outcome.OutOfMemory, "out of memory: " + bomb.words());
    expect(bomb.words().contains("limits.memory, which allows 64MiB"), bomb.words());
    neighbour.mustLive();
    neighbour.kill();
  }

  void memoryBombInAChild() throws Exception {
    Run bomb =
        start(
            memory(),
            "dd if=/dev/zero of=/dev/null bs=300M count=100000; code=$?; sleep 1; exit $code");

    expect(bomb.end().verdict() instanceof Outcome.OutOfMemory, "out of memory: " + bomb.words());
  }

  void memoryOfAllTogether() throws Exception {
    String third = "dd if=/dev/zero of=/dev/null bs=30M count=100000 & ";

    Run bomb = start(memory(), third + third + third + "wait; wait; wait; exit 1");

    expect(bomb.end().verdict() instanceof Outcome.OutOfMemory, "out of memory: " + bomb.words());
  }

  void enoughMemory() throws Exception {
    Run run = start(memory(), "dd if=/dev/zero of=/dev/null bs=20M count=3 2>/dev/null");

    expect(run.end().exit().equals(new Exit.Code(0)), "exit code 0: " + run.words());
    expect(run.end().verdict() == null, "no verdict: " + run.words());
  }

  void forkBomb() throws Exception {
    Run neighbour = start(tasks(), "while :; do /bin/true; done");

    // Each that cannot fork goes on, so that it does not end by itself.
    Run bomb = start(tasks(), "b() { b & b & sleep 1000; }; b; b; b; exit 3");

    if (cgroups.limitsTasks()) {
      bomb.awaitQuiet();
      bomb.kill();
    }
    ProcessEnd end = bomb.end();
    expect(!end.exit().equals(new Exit.Code(0)), "it fails: " + bomb.words());
    if (!cgroups.limitsTasks()) {
      expect(bomb.words().contains("limits.pids allows 30"), bomb.words());
    }
    neighbour.mustLive();
    neighbour.kill();
  }

  void tooManyProcesses() throws Exception {
    Run run =
        start(
            tasks(), "i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done; echo all; wait");

    ProcessEnd end = run.end();
    expect(end.verdict() instanceof Outcome.Failed, "failed: " + run.words());
    expect(run.words().contains("limits.pids allows 30 processes and threads"), run.words());
    expect(!cgroups.limitsTasks() || !run.output().contains("all"), "not all: " + run.output());
  }

  void openFiles() throws Exception {
    Run run =
        start(new Resources(null, null, null, null, 16, null), "ulimit -n; exec 20< /dev/null");

    expect(run.end().exit() instanceof Exit.Code(int code) && code != 0, run.words());
    expect(run.output().startsWith("16\n"), run.output());
  }

  void fileSize() throws Exception {
    Resources resources = new Resources(null, null, null, null, null, ByteSize.parse("1MiB"));

    Run run = start(resources, "exec dd if=/dev/zero of=large bs=64k count=100");
    Run child = start(resources, "dd if=/dev/zero of=large bs=64k count=100; exit $?");

    for (Run each : List.of(run, child)) {
      expect(each.end().verdict() instanceof Outcome.OutputLimit, each.words());
      expect(each.words().contains("limits.fileSize, which allows 1MiB"), each.words());
      expect(Files.size(each.directory.resolve("large")) == 1 << 20, "cut at the limit");
    }
  }

  /** Only where there are groups. */
  void cpuQuota() throws Exception {
    String loop = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
    Run free = start(none(), loop);
    Run held = start(new Resources(null, CPU, null, null, null, null), loop);

    long freeNanos = nanos(free);
    long heldNanos = nanos(held);
    long usedMillis = Objects.requireNonNull(held.end().usage()).cpuMillis();
    // Each twice and more of what it should be: the machine may be busy.
    expect(heldNanos > freeNanos, "slower: " + heldNanos + " against " + freeNanos);
    expect(usedMillis * 1e6 < 2 * CPU * heldNanos, usedMillis + " ms in " + heldNanos + " ns");
  }

  /** Only where there are groups. */
  void usageOfAll() throws Exception {
    Run run =
        start(memory(), "dd if=/dev/zero of=/dev/null bs=20M count=20 2>/dev/null & wait; exit 0");

    Usage usage = Objects.requireNonNull(run.end().usage());
    expect(usage.memoryPeakBytes() > 20 << 20, "the peak of all: " + usage);
    expect(usage.memoryPeakBytes() <= MEMORY.bytes(), "the peak within the limit: " + usage);
  }

  /** A run's figures are its own, also where its cell's group was another's before. */
  void nothingOfTheRunBefore() throws Exception {
    Path cell = cell();
    start(cell, memory(), "exec dd if=/dev/zero of=/dev/null bs=300M count=100000").end();

    Run next = start(cell, memory(), "exit 1");

    expect(next.end().verdict() == null, "no verdict: " + next.words());
    Usage usage = Objects.requireNonNull(next.end().usage());
    expect(usage.memoryPeakBytes() < 20 << 20, "a peak of its own: " + usage);
  }

  private static Resources none() {
    return new Resources(null, null, null, null, null, null);
  }

  private static Resources memory() {
    return new Resources(MEMORY, null, null, null, null, null);
  }

  private static Resources tasks() {
    return new Resources(null, null, TASKS, null, null, null);
  }

  private static long nanos(Run run) throws Exception {
    run.end();
    return run.endedNanos - run.startedNanos;
  }

  private Path cell() throws IOException {
    return Files.createDirectories(root.resolve(Integer.toString(last.incrementAndGet())));
  }

  private Run start(Resources resources, String script) throws IOException {
    return start(cell(), resources, script);
  }

  private Run start(Path directory, Resources resources, String script) {
    ProcessSpec spec =
        new ProcessSpec(
            "trial-" + ProcessHandle.current().pid() + "-" + last.incrementAndGet(),
            Path.of("/bin/sh"),
            List.of("sh", "-c", script),
            Map.of("PATH", "/usr/bin:/bin"),
            directory,
            new StdinSource.Empty(),
            Duration.ZERO,
            Duration.ofMillis(250));
    Run run = new Run(directory);
    Limiter.Limited limited = new Limiter(none(), cgroups, true).limit(spec, resources, run);
    run.process = runner.start(limited.spec(), limited.listener());
    return run;
  }

  private static void expect(boolean holds, String words) {
    if (!holds) {
      throw new AssertionError("expected: " + words);
    }
  }

  /** One that was started, and what is heard of it. */
  private static final class Run implements ProcessListener {
    private final Path directory;
    private final CompletableFuture<ProcessEnd> end = new CompletableFuture<>();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private volatile long pid;
    private volatile long startedNanos;
    private volatile long endedNanos;
    private volatile @Nullable RunningProcess process;

    Run(Path directory) {
      this.directory = directory;
    }

    ProcessEnd end() throws Exception {
      return end.get(END_SECONDS, TimeUnit.SECONDS);
    }

    String words() throws Exception {
      return end() + " " + output();
    }

    String output() {
      synchronized (output) {
        return output.toString(StandardCharsets.UTF_8);
      }
    }

    void mustLive() {
      expect(!end.isDone() && ProcessHandle.of(pid).isPresent(), "the neighbour lives: " + end);
    }

    void kill() throws Exception {
      Objects.requireNonNull(process).kill();
      end();
    }

    /** Until it has said that it was refused something. */
    void awaitQuiet() throws Exception {
      long since = System.nanoTime();
      while (output().isEmpty() && !end.isDone()) {
        expect(System.nanoTime() - since < TimeUnit.SECONDS.toNanos(END_SECONDS), "a refusal");
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }

    @Override
    public void onStarted(long started) {
      pid = started;
      startedNanos = System.nanoTime();
    }

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      byte[] bytes = new byte[chunk.remaining()];
      chunk.get(bytes);
      synchronized (output) {
        if (output.size() < 4096) {
          output.writeBytes(bytes);
        }
      }
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd how) {
      endedNanos = System.nanoTime();
      end.complete(how);
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      end.completeExceptionally(new AssertionError(failure.reason()));
    }
  }
}
