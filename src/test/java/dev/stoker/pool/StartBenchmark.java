package dev.stoker.pool;

import dev.stoker.cgroup.CgroupSettings;
import dev.stoker.cgroup.Cgroups;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.Principal;
import dev.stoker.run.StdStream;
import dev.stoker.run.Stdin;
import dev.stoker.sandbox.Cells;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.SandboxSettings;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.TestSettings;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * How long a start takes, from asking for a process to its end, of a program that does nothing:
 * plain, confined and in a container, made then or taken from those that wait. Prints a table.
 * Arguments: the program, runs of each kind, a directory, milliseconds between two runs.
 *
 * <p>One run after the other. In "operations/s" one follows the other at once, so that a pool is
 * emptied and the making counts as well; for the latency there is a pause in which it is refilled.
 */
final class StartBenchmark implements Cells, AutoCloseable {
  private static final int WARM = 4;

  private final Path directory;
  private final AtomicLong last = new AtomicLong();
  private final ProcessRunner runner =
      ProcessRunner.open(new ProcessSettings(4, EngineChoice.NATIVE));
  private final Sandboxes sandboxes;
  private final Catalog catalog;
  private final WarmSandboxes warm;
  private final Path program;

  private StartBenchmark(Path program, Path directory) throws IOException {
    this.program = program;
    this.directory = Files.createTempDirectory(directory, "start-");
    sandboxes =
        Sandboxes.open(
            new SandboxSettings(
                Stream.of("/usr", "/bin", "/lib", "/lib64").map(Path::of).toList(),
                new Resources(null, null, null, null, null, null)),
            runner,
            Cgroups.open(new CgroupSettings(new CgroupSettings.Choice.Off(), "none")));
    Map<String, String> files = new HashMap<>();
    for (String kind : List.of("none", "confined", "container")) {
      files.put(kind + "-cold.yaml", file(kind + "-cold", kind, ""));
      files.put(kind + "-warm.yaml", file(kind + "-warm", kind, "pool: {warm: " + WARM + "}"));
    }
    catalog = Catalog.of(TestSettings.in(directory), sandboxes, files);
    warm =
        WarmSandboxes.open(
            new WarmSettings(64, 256L << 20, Duration.ofMillis(250)), catalog, sandboxes, "bench/");
    warm.prepare(this);
  }

  public static void main(String[] args) throws Exception {
    int runs = Integer.parseInt(args[1]);
    long pauseNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[3]));
    try (StartBenchmark benchmark = new StartBenchmark(Path.of(args[0]), Path.of(args[2]))) {
      System.out.println("sandbox        | mean ms | p50 ms | p99 ms | operations/s | warm");
      for (String kind :
          List.of(
              "none-cold", "confined-cold", "confined-warm", "container-cold", "container-warm")) {
        benchmark.measure(kind, Math.max(1, runs / 10), pauseNanos);
        long before = benchmark.warm.counts().taken();
        long[] nanos = benchmark.measure(kind, runs, pauseNanos);
        long taken = benchmark.warm.counts().taken() - before;
        long startNanos = System.nanoTime();
        benchmark.measure(kind, runs, 0);
        double perSecond = runs * 1e9 / (System.nanoTime() - startNanos);
        System.out.printf(
            "%-14s | %7.2f | %6.2f | %6.2f | %12.0f | %d%%%n",
            kind,
            Arrays.stream(nanos).average().orElse(0) / 1e6,
            nanos[runs / 2] / 1e6,
            nanos[Math.min(runs - 1, runs * 99 / 100)] / 1e6,
            perSecond,
            taken * 100 / runs);
      }
    }
  }

  private long[] measure(String kind, int runs, long pauseNanos) throws Exception {
    Tool tool = catalog.find(kind).orElseThrow();
    if (!(tool.availability() instanceof Availability.Available)) {
      throw new IllegalStateException(kind + ": " + tool.availability());
    }
    long[] nanos = new long[runs];
    for (int i = 0; i < runs; i++) {
      LockSupport.parkNanos(pauseNanos);
      nanos[i] = run(tool);
    }
    Arrays.sort(nanos);
    return nanos;
  }

  /** The directory is made before, as the executor has some ready. */
  private long run(Tool tool) throws Exception {
    Invocation invocation =
        new Invocation(
            List.of(program.toString()), Map.of("PATH", "/usr/bin:/bin"), Map.of(), Map.of());
    Path fresh = make();
    long startNanos = System.nanoTime();
    Optional<Path> reserved = warm.reserve(tool, invocation, new Stdin.None());
    Path cell = reserved.orElse(fresh);
    ProcessSpec spec =
        new ProcessSpec(
            "bench/" + last.incrementAndGet(),
            program,
            invocation.argv(),
            Map.of("PATH", "/usr/bin:/bin", "HOME", cell.toString(), "TMPDIR", cell.toString()),
            cell,
            new StdinSource.Empty(),
            Duration.ZERO,
            Duration.ofMillis(250));
    Ended ended = new Ended();
    warm.start(new Launch(tool, Principal.ANONYMOUS, spec), ended);
    ended.end.get(30, TimeUnit.SECONDS);
    return System.nanoTime() - startNanos;
  }

  private String file(String name, String isolation, String more) {
    return """
    name: %s
    description: of the benchmark
    command: [%s]
    isolation: %s
    network: %s
    %s
    """
        .formatted(name, program, isolation, isolation.equals("none") ? "host" : "none", more);
  }

  @Override
  public Path make() throws IOException {
    return Files.createDirectory(directory.resolve(Long.toString(last.incrementAndGet())));
  }

  @Override
  public void recycle(Path cell) {
    // The whole directory goes with the script that gave it.
  }

  @Override
  public void close() {
    warm.close();
    sandboxes.close();
    runner.close();
  }

  private static final class Ended implements ProcessListener {
    private final CompletableFuture<ProcessEnd> end = new CompletableFuture<>();

    @Override
    public void onStarted(long pid) {}

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd how) {
      if (how.exit().equals(new Exit.Code(0))) {
        end.complete(how);
      } else {
        end.completeExceptionally(new IllegalStateException("it ended with " + how));
      }
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      end.completeExceptionally(new IllegalStateException(failure.reason()));
    }
  }
}
