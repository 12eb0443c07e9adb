package dev.stoker.process;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs processes by {@code posix_spawn}, pidfds and one epoll loop. Thread-safe.
 *
 * <p>The queue to the spawning threads has no bound of its own: whoever starts processes has slots.
 */
final class NativeRunner implements ProcessRunner {
  private static final Logger LOG = LoggerFactory.getLogger(NativeRunner.class);
  private static final long CLOSE_MAX_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long CLOSE_POLL_MILLIS = 2;

  /** More cells than a node has slots need not be kept ready. */
  private static final int RESTRICTED_IDLE_MAX = 128;

  private static final AtomicInteger OPEN = new AtomicInteger();

  private final Children children = new Children();
  private final BlockingQueue<SpawnThread.Task> tasks = new LinkedBlockingQueue<>();
  private final RestrictedThreads restricted = new RestrictedThreads(RESTRICTED_IDLE_MAX);
  private final EventLoop loop;
  private final Thread loopThread;
  private final TreeWatch watch;
  private final Thread watchThread;
  private final List<Thread> spawnThreads = new ArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private NativeRunner(ProcessSettings settings) {
    loop = EventLoop.open(children);
    loopThread = daemon("stoker-loop", loop);
    watch = new TreeWatch(children, loop);
    watchThread = daemon("stoker-watch", watch);
    for (int i = 1; i <= settings.spawnThreads(); i++) {
      spawnThreads.add(daemon("stoker-spawn-" + i, new SpawnThread(tasks, restricted)));
    }
  }

  /**
   * Opens one and starts its threads.
   *
   * @throws NativeUnavailableException when this system lacks something
   */
  static NativeRunner open(ProcessSettings settings) {
    NativeCalls.missing()
        .ifPresent(
            why -> {
              throw new NativeUnavailableException(why);
            });
    keepStandardDescriptorsTaken();
    NativeRunner runner = new NativeRunner(settings);
    int reaper = countSubreaper(1);
    if (reaper < 0) {
      runner.close();
      throw new NativeUnavailableException("prctl(PR_SET_CHILD_SUBREAPER): errno " + -reaper);
    }
    return runner;
  }

  @Override
  public RunningProcess start(ProcessSpec spec, ProcessListener listener) {
    Child child = new Child(spec, listener, loop, watch);
    children.add(child);
    // After it has been added: then either this sees that the runner is closed, or close() sees it.
    if (closed.get()) {
      children.remove(child);
      throw new IllegalStateException("start of " + spec.mark() + ": the runner is closed");
    }
    loop.stirIfIdle();
    tasks.add(new SpawnThread.Task.Start(child));
    return child;
  }

  @Override
  public boolean takesLimits() {
    return true;
  }

  @Override
  public List<Long> call(@Nullable Confinement confinement, List<SystemCall> calls) {
    if (confinement == null) {
      Libc libc = new Libc(Arena.ofAuto());
      return calls.stream().map(call -> call.make(libc)).toList();
    }
    RestrictedThread.Opened opened = restricted.take(confinement);
    RestrictedThread thread = opened.thread();
    if (thread == null) {
      throw new IllegalStateException(opened.failure());
    }
    boolean made = false;
    try {
      List<Long> returned = thread.call(calls);
      made = true;
      return returned;
    } finally {
      thread.giveBack(made);
    }
  }

  @Override
  public String describe() {
    return "posix_spawn and epoll (Linux " + System.getProperty("os.arch") + ", glibc)";
  }

  @Override
  public int active() {
    return children.active();
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
    children.of(loop).forEach(Child::kill);
    awaitAllOver();
    spawnThreads.forEach(thread -> tasks.add(new SpawnThread.Task.End()));
    spawnThreads.forEach(NativeRunner::join);
    watch.end();
    join(watchThread);
    restricted.close();
    loop.end();
    join(loopThread);
    loop.close();
    countSubreaper(-1);
  }

  /** The kernel's switch is the JVM's, not a runner's: orphans come here while one is open. */
  private static int countSubreaper(int change) {
    synchronized (OPEN) {
      int before = OPEN.getAndAdd(change);
      boolean switches = before == 0 || before + change == 0;
      return switches ? new Libc(Arena.ofAuto()).setSubreaper(change > 0) : 0;
    }
  }

  private void awaitAllOver() {
    long sinceNanos = System.nanoTime();
    boolean interrupted = false;
    while (active() > 0 && System.nanoTime() - sinceNanos < CLOSE_MAX_NANOS) {
      try {
        TimeUnit.MILLISECONDS.sleep(CLOSE_POLL_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (active() > 0) {
      LOG.error("{} processes were not over within 5 s of the end", active());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** With one of 0, 1 and 2 free, a pipe's end could get that number and be overwritten. */
  private static void keepStandardDescriptorsTaken() {
    try (Arena arena = Arena.ofConfined()) {
      Libc libc = new Libc(arena);
      var nowhere = arena.allocateFrom("/dev/null");
      int fd = libc.open(nowhere);
      while (fd >= 0 && fd <= 2) {
        fd = libc.open(nowhere);
      }
      libc.close(fd);
    }
  }

  private static Thread daemon(String name, Runnable body) {
    return Thread.ofPlatform().name(name).daemon().start(body);
  }

  private static void join(Thread thread) {
    try {
      thread.join(TimeUnit.NANOSECONDS.toMillis(CLOSE_MAX_NANOS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
