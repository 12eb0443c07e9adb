package dev.stoker.process;

import dev.stoker.run.StdStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs processes by {@link ProcessBuilder}, with a thread for each stream. Thread-safe.
 *
 * <p>Slower than the native way, and there are things it cannot do: {@code argv[0]} is always the
 * executable's path; an exit code from 129 to 192 is taken for a signal; a signal that Stoker was
 * started to ignore, as SIGINT in a shell's background, is ignored; there is no usage; a tree is
 * known by looking at it ten times a second, so that a descendant which leaves it sooner than that
 * (double fork) survives, and a stream that such a one holds keeps its reading thread until it lets
 * go.
 */
final class PortableRunner implements ProcessRunner {
  private static final Logger LOG = LoggerFactory.getLogger(PortableRunner.class);
  private static final long LOOK_MILLIS = 100;
  private static final long CLOSE_MAX_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long CLOSE_POLL_MILLIS = 5;

  private final String why;
  private final Set<PortableProcess> active = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newCachedThreadPool(daemons("stoker-stream-"));

  /** What is asked of it after the end is not worth an error. */
  private final ScheduledExecutorService clock =
      new ScheduledThreadPoolExecutor(
          1, daemons("stoker-clock-"), new ThreadPoolExecutor.DiscardPolicy());

  private final AtomicBoolean closed = new AtomicBoolean();

  PortableRunner(String why) {
    this.why = why;
    var _ =
        clock.scheduleWithFixedDelay(
            () -> active.forEach(PortableProcess::look),
            LOOK_MILLIS,
            LOOK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public RunningProcess start(ProcessSpec spec, ProcessListener listener) {
    if (!spec.limits().equals(ProcessLimits.NONE)) {
      throw new IllegalArgumentException(spec.mark() + " has limits, which cannot be given");
    }
    if (spec.confinement() != null || !spec.inherited().isEmpty()) {
      threads.execute(() -> listener.onStartFailed(StartFailures.notConfined(spec)));
      return new Refused();
    }
    PortableProcess process = new PortableProcess(spec, listener, threads, clock, active::remove);
    active.add(process);
    if (closed.get()) {
      active.remove(process);
      throw new IllegalStateException("start of " + spec.mark() + ": the runner is closed");
    }
    threads.execute(process);
    return process;
  }

  @Override
  public boolean takesLimits() {
    return false;
  }

  @Override
  public List<Long> call(@Nullable Confinement confinement, List<SystemCall> calls) {
    throw new IllegalStateException("ProcessBuilder cannot confine: " + why);
  }

  /** A process that never was. */
  private record Refused() implements RunningProcess {
    @Override
    public void resume(StdStream stream) {}

    @Override
    public void stop() {}

    @Override
    public void kill() {}
  }

  @Override
  public String describe() {
    return "ProcessBuilder ("
        + why
        + "); a descendant that leaves its tree within 100 ms may survive";
  }

  @Override
  public int active() {
    return active.size();
  }

  @Override
  public int killLeftovers(String markPrefix) {
    return new Leftovers(markPrefix).kill();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    active.forEach(PortableProcess::kill);
    long sinceNanos = System.nanoTime();
    try {
      while (!active.isEmpty() && System.nanoTime() - sinceNanos < CLOSE_MAX_NANOS) {
        TimeUnit.MILLISECONDS.sleep(CLOSE_POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!active.isEmpty()) {
      LOG.error("{} processes were not over within 5 s of the end", active.size());
    }
    threads.shutdownNow();
    clock.shutdownNow();
  }

  private static ThreadFactory daemons(String prefix) {
    return Thread.ofPlatform().name(prefix, 1).daemon().factory();
  }
}
