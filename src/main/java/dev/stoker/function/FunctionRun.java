package dev.stoker.function;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunLog;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.run.Usage;
import dev.stoker.sandbox.Launch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a module: made, run on a thread that it has to itself, and stopped by interrupting
 * that thread. Chicory's code looks for the interrupt at every call and every turn of a loop.
 */
final class FunctionRun implements RunningProcess, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(FunctionRun.class);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A module has no number that anybody could signal. */
  private static final long NO_PID = 0;

  private final Launch launch;
  private final ProcessListener listener;
  private final Host host;
  private final ListenerOutput stdout;
  private final ListenerOutput stderr;
  private final Object lock = new Object();

  /** Guarded by the lock. */
  private @Nullable Thread thread;

  /** Set under the lock, once. */
  private volatile boolean stopped;

  // Owned by the run's thread.
  private @Nullable CappedMemory memory;
  private boolean started;
  private boolean told;

  FunctionRun(Launch launch, ProcessListener listener, Host host) {
    this.launch = launch;
    this.listener = listener;
    this.host = host;
    this.stdout = new ListenerOutput(StdStream.STDOUT, listener);
    this.stderr = new ListenerOutput(StdStream.STDERR, listener);
  }

  /** What runs share. */
  interface Host {
    Modules modules();

    HeapBudget heap();

    Limits limits(Launch launch);

    /** The run is over. */
    void over(FunctionRun run);
  }

  @Override
  public void resume(StdStream stream) {
    (stream == StdStream.STDOUT ? stdout : stderr).resume();
  }

  @Override
  public void stop() {
    synchronized (lock) {
      stopped = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** There is nothing that a module could do with a grace. */
  @Override
  public void kill() {
    stop();
  }

  @Override
  public void run() {
    try {
      if (begin()) {
        attend();
      } else {
        fail("stopped before it started");
      }
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), launch.spec().mark())
          .setCause(e)
          .log("the run failed for no reason of its module's");
      breakOff();
    } finally {
      end();
    }
  }

  private boolean begin() {
    synchronized (lock) {
      thread = Thread.currentThread();
      return !stopped;
    }
  }

  private void end() {
    free();
    host.over(this);
  }

  /**
   * From here on nobody interrupts this thread for this run, no interrupt is left for the next one,
   * and its memory is no longer counted.
   */
  private void free() {
    synchronized (lock) {
      thread = null;
      Thread.interrupted();
    }
    CappedMemory used = memory;
    if (used != null) {
      memory = null;
      used.giveBack();
    }
  }

  private void attend() {
    Loaded loaded;
    try {
      loaded = host.modules().of(launch.tool(), launch.spec().executable()).get();
    } catch (InterruptedException e) {
      fail("stopped before it started");
      return;
    } catch (ServiceException e) {
      fail(String.valueOf(e.getMessage()));
      return;
    } catch (ExecutionException e) {
      LOG.error("module of {} cannot be loaded", launch.tool().name(), e);
      fail("its module cannot be loaded");
      return;
    }
    switch (loaded) {
      case Loaded.Broken(String reason) -> fail(reason);
      case Loaded.Ready ready -> open(ready);
    }
  }

  private void open(Loaded.Ready ready) {
    ProcessEnd end;
    try (StandardInput stdin = StandardInput.open(launch.spec().stdin());
        WasiPreview1 wasi = Wasi.open(options(stdin))) {
      end = execute(ready, wasi);
    } catch (NoSuchFileException e) {
      fail("its input does not exist");
      return;
    } catch (IOException e) {
      fail("its input cannot be read: " + e.getMessage());
      return;
    }
    // Only now: its files are closed, and whoever hears of it gives the slot to the next run.
    free();
    told = true;
    listener.onEnded(end);
  }

  private ProcessEnd execute(Loaded.Ready ready, WasiPreview1 wasi) {
    started = true;
    listener.onStarted(NO_PID);
    long before = THREADS.getCurrentThreadCpuTime();
    ModuleEnd end = ModuleEnd.of(() -> call(ready, wasi), () -> stopped);
    long cpu = THREADS.getCurrentThreadCpuTime() - before;
    CappedMemory used = memory;
    Usage usage = new Usage(TimeUnit.NANOSECONDS.toMillis(cpu), used == null ? 0 : used.bytes());
    ProcessEnd plain = new ProcessEnd(end.exit(), usage, 0, false, false);
    Outcome verdict = end.verdict();
    return verdict == null ? plain : plain.judged(verdict);
  }

  private void call(Loaded.Ready ready, WasiPreview1 wasi) {
    ProcessSpec spec = launch.spec();
    Limits limits = host.limits(launch);
    WasiGuard guard =
        new WasiGuard(wasi, new OpenFiles(spec.directory()), new DiskAllowance(limits.resources()));
    Instance instance =
        Instance.builder(ready.module())
            .withMachineFactory(ready.machine())
            .withMemoryFactory(declared -> memory(declared, limits))
            .withTableFactory(ModuleTables::create)
            .withImportValues(Wasi.imports(wasi, guard, ready.imports()))
            .withInitialize(false)
            .withStart(false)
            .build();
    // Apart, because a module's start section is code of its own.
    instance.initialize(false);
    instance.export(Instance.START_FUNCTION_NAME).apply();
  }

  private Memory memory(MemoryLimits declared, Limits limits) {
    CappedMemory made = CappedMemory.of(declared, limits.memory(), host.heap());
    memory = made;
    return made;
  }

  private WasiOptions options(StandardInput stdin) {
    ProcessSpec spec = launch.spec();
    WasiOptions.Builder options =
        WasiOptions.builder()
            .withRandom(RANDOM)
            .withStdin(stdin, false)
            .withStdout(stdout, false)
            .withStderr(stderr, false)
            .withArguments(spec.argv())
            .withDirectory(Functions.ROOT, spec.directory());
    environment(spec).forEach(options::withEnvironment);
    return options.build();
  }

  /** The directory has another name inside. */
  private static Map<String, String> environment(ProcessSpec spec) {
    Map<String, String> inside = new TreeMap<>(spec.environment());
    for (String name : List.copyOf(inside.keySet())) {
      if (spec.directory().toString().equals(inside.get(name))) {
        inside.put(name, Functions.ROOT);
      }
    }
    return inside;
  }

  /** Nobody must wait for an end for ever, whatever went wrong here. */
  private void breakOff() {
    if (told) {
      return;
    }
    if (!started) {
      fail("an error of this service");
      return;
    }
    told = true;
    listener.onEnded(
        new ProcessEnd(
            ModuleEnd.KILLED,
            null,
            0,
            true,
            true,
            new Outcome.Failed("it was ended by an error of this service")));
  }

  private void fail(String why) {
    told = true;
    String name = launch.spec().argv().getFirst();
    listener.onStartFailed(new StartFailure(0, "cannot start '" + name + "': " + why));
  }
}
