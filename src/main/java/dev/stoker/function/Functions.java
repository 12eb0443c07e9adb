package dev.stoker.function;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.ByteSize;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Abilities;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Network;
import dev.stoker.tool.ToolDefinition.Resources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs tools whose {@code isolation} is {@code function}: a fresh instance of the tool's module for
 * each run, on a platform thread of its own. To a listener a module looks like a process, but that
 * its pid is 0, and that {@link RunningProcess#stop} gives no grace: it has no signals, so it is
 * ended at once, between two of its instructions.
 *
 * <p>A module's thread must not be virtual: it computes without ever giving way, so that a few of
 * them would hold all the carriers. Thread-safe. Whoever made it closes it.
 */
public final class Functions implements Starter, Abilities, AutoCloseable {
  /** The name that a run's directory has for its module. */
  static final String ROOT = "/";

  /** The most memory that Chicory gives a module: 32,767 pages of 64 KiB. */
  private static final long MEMORY_BYTES_MAX = 32_767L << 16;

  /** Touched pages count only: what a module's recursion may take before it is ended. */
  private static final long STACK_BYTES = 4L << 20;

  private static final long IDLE_SECONDS = 60;
  private static final long CLOSE_SECONDS = 5;

  private final FunctionSettings settings;
  private final HeapBudget heap;
  private final ThreadPoolExecutor threads;
  private final Set<FunctionRun> runs = ConcurrentHashMap.newKeySet();
  private final FunctionRun.Host host = new Shared();
  private final Object lock = new Object();

  /** Guarded by the lock. Made for the first function: a node without one has no use for it. */
  private @Nullable Modules modules;

  /** Guarded by the lock. */
  private boolean closed;

  private Functions(FunctionSettings settings) {
    this.settings = settings;
    this.heap = new HeapBudget(settings.heapMax().bytes());
    ThreadFactory factory =
        task ->
            Thread.ofPlatform()
                .name("stoker-function-", 0)
                .daemon()
                .stackSize(STACK_BYTES)
                .unstarted(task);
    // A run's end is told by its thread, so the next run may come before that thread is free.
    this.threads =
        new ThreadPoolExecutor(
            settings.threads(),
            settings.threads(),
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(settings.threads()),
            factory);
    threads.allowCoreThreadTimeOut(true);
  }

  /** Starts nothing yet. */
  public static Functions open(FunctionSettings settings) {
    return new Functions(settings);
  }

  /**
   * What of a function's wishes this node cannot give; empty for every other tool. A module that is
   * new is read and compiled in the background, so that it may be refused at a later look.
   */
  @Override
  public List<String> refusals(ToolDefinition tool) {
    if (tool.isolation() != Isolation.FUNCTION) {
      return List.of();
    }
    List<String> reasons = new ArrayList<>();
    if (tool.network() != Network.NONE) {
      reasons.add("network: host cannot be given to a function; allowed here: none");
    }
    if (!tool.readable().isEmpty()) {
      reasons.add("readable cannot be given to a function; allowed here: leave it out");
    }
    Resources asked = tool.resources();
    refuse(reasons, "limits.cpu", asked.cpu());
    refuse(reasons, "limits.pids", asked.pids());
    refuse(reasons, "limits.openFiles", asked.openFiles());
    ByteSize memory = asked.memory();
    if (memory != null && memory.bytes() > memoryMax()) {
      reasons.add(
          "limits.memory: "
              + memory
              + " cannot be given to a function by this node; allowed here: at most "
              + new ByteSize(memoryMax()));
    }
    String module = tool.module();
    if (module != null) {
      modules()
          .problem(Path.of(module))
          .ifPresent(problem -> reasons.add("module: '" + module + "': " + problem));
    }
    return reasons;
  }

  private static void refuse(List<String> reasons, String key, @Nullable Object asked) {
    if (asked != null) {
      reasons.add(key + " cannot be given to a function; allowed here: leave it out");
    }
  }

  @Override
  public RunningProcess start(Launch launch, ProcessListener listener) {
    FunctionRun run = new FunctionRun(launch, listener, host);
    synchronized (lock) {
      if (closed) {
        throw new IllegalStateException("functions are closed");
      }
      runs.add(run);
    }
    try {
      threads.execute(run);
    } catch (RejectedExecutionException e) {
      runs.remove(run);
      throw new IllegalStateException(
          "more functions than this node's " + settings.threads() + " slots", e);
    }
    return run;
  }

  /** Ends every run. Waits some seconds for their ends to be told. Idempotent. */
  @Override
  public void close() {
    Modules made;
    synchronized (lock) {
      closed = true;
      made = modules;
    }
    for (FunctionRun run : runs) {
      run.kill();
    }
    threads.shutdown();
    try {
      threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (made != null) {
      made.close();
    }
  }

  /** Bytes that the memories of runs have now. */
  long heapTaken() {
    return heap.taken();
  }

  private Modules modules() {
    synchronized (lock) {
      Modules made = modules;
      if (made == null) {
        made = new Modules();
        modules = made;
      }
      return made;
    }
  }

  private long memoryMax() {
    return Math.min(MEMORY_BYTES_MAX, settings.heapMax().bytes());
  }

  /** What all runs of this node share. */
  private final class Shared implements FunctionRun.Host {
    @Override
    public Modules modules() {
      return Functions.this.modules();
    }

    @Override
    public HeapBudget heap() {
      return heap;
    }

    @Override
    public Limits limits(Launch launch) {
      Resources asked = launch.tool().definition().resources();
      Resources defaults = settings.defaults();
      ByteSize memory = asked.memory() == null ? defaults.memory() : asked.memory();
      return new Limits(
          new ByteSize(memory == null ? memoryMax() : Math.min(memory.bytes(), memoryMax())),
          new Resources(
              null,
              null,
              null,
              asked.disk() == null ? defaults.disk() : asked.disk(),
              null,
              asked.fileSize() == null ? defaults.fileSize() : asked.fileSize()));
    }

    @Override
    public void over(FunctionRun run) {
      runs.remove(run);
    }
  }
}
