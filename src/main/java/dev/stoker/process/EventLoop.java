package dev.stoker.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that hears of output, exits and deadlines. {@link #post}, {@link #stirIfIdle} and
 * {@link #watch} are for any thread; everything else is confined to the loop's own.
 *
 * <p>Descriptors are watched edge-triggered: a paused stream then costs no system call, neither to
 * pause it nor to go on, and an event of a descriptor that is closed by now cannot make the loop
 * spin. The price is that whoever hears of one must read until there is nothing, or ask for another
 * turn.
 */
final class EventLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final int EVENTS_MAX = 256;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Nothing runs, but somebody else may have left orphans to a JVM that is process 1. */
  private static final long IDLE_BEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long WAKEUP_KEY = 0;

  // Any thread.
  private final Children children;
  private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asleep = new AtomicBoolean();
  private final WakeupSignal wakeup;
  private final int epoll;
  private volatile boolean idle = true;
  private volatile boolean ended;

  // The loop's thread.
  private final Libc libc;
  private final MemorySegment events;
  private final MemorySegment buffer;
  private final Timers timers = new Timers();
  private final ArrayDeque<OutputPipe> unread = new ArrayDeque<>();
  private final StrayFinder strays;
  private final OwnMemory ownMemory = new OwnMemory();

  private EventLoop(Children children, Libc libc, int epoll, WakeupSignal wakeup, int orphans) {
    this.children = children;
    this.libc = libc;
    this.epoll = epoll;
    this.wakeup = wakeup;
    // Not confined: a listener may hand the buffer to code that another thread has to read.
    Arena arena = Arena.ofAuto();
    events = arena.allocate((long) EVENTS_MAX * EpollEvents.BYTES, 16);
    buffer = arena.allocate(BUFFER_BYTES, 4096);
    strays = new StrayFinder(libc, orphans);
  }

  /**
   * Opens what a loop needs.
   *
   * @throws NativeUnavailableException when the system has no epoll or no list of orphans
   */
  static EventLoop open(Children children) {
    Libc libc = new Libc(Arena.ofAuto());
    int orphans = StrayFinder.openOrphans(libc);
    int epoll = libc.epollCreate();
    int eventFd = libc.eventFd();
    int added = libc.epollAdd(epoll, eventFd, EpollEvents.IN | EpollEvents.EDGE, WAKEUP_KEY);
    if (orphans < 0 || epoll < 0 || eventFd < 0 || added < 0) {
      libc.close(orphans);
      libc.close(epoll);
      libc.close(eventFd);
      throw new NativeUnavailableException(
          orphans < 0
              ? "the kernel does not list a process's children (CONFIG_PROC_CHILDREN)"
              : "epoll cannot be set up: errno " + -Math.min(added, Math.min(epoll, eventFd)));
    }
    return new EventLoop(children, libc, epoll, new WakeupSignal(eventFd), orphans);
  }

  /** Has something done on the loop's thread, after what was posted before. */
  void post(Runnable action) {
    posted.add(action);
    if (asleep.compareAndSet(true, false)) {
      wakeup.send();
    }
  }

  /** To be called when there is a new process: an idle loop has stopped looking for orphans. */
  void stirIfIdle() {
    if (idle) {
      post(() -> {});
    }
  }

  /** Has the loop look at a descriptor from now on. Returns an error number, negated, or 0. */
  int watch(Libc callers, int fd, int interest, long key) {
    return callers.epollAdd(epoll, fd, interest | EpollEvents.EDGE, key);
  }

  /** Ends the thread, soon. */
  void end() {
    ended = true;
    post(() -> {});
  }

  /** Closes the descriptors; the thread has ended. */
  void close() {
    strays.close();
    libc.close(epoll);
    libc.close(wakeup.fd());
  }

  @Override
  public void run() {
    long beatNanos = System.nanoTime();
    while (!ended) {
      runPosted();
      readUnread();
      fireTimers();
      long now = System.nanoTime();
      if (now - beatNanos >= BEAT_NANOS) {
        beat(now);
        beatNanos = now;
      }
      handle(await(now, beatNanos));
    }
  }

  Libc libc() {
    return libc;
  }

  /** What is read or written passes here; its content is of use for one call only. */
  MemorySegment buffer() {
    return buffer;
  }

  StrayFinder strays() {
    return strays;
  }

  OwnMemory ownMemory() {
    return ownMemory;
  }

  Children children() {
    return children;
  }

  Timers.Timer schedule(long delayNanos, Runnable action) {
    return timers.schedule(System.nanoTime(), delayNanos, action);
  }

  /** Gives a stream another turn, after everybody else has had one. */
  void readAgain(OutputPipe pipe) {
    unread.add(pipe);
  }

  /** What nobody tells the loop of, and can wait. */
  private void beat(long nowNanos) {
    strays.reapZombies();
    for (Child child : children.of(this)) {
      ProcessTree tree = child.tree();
      if (tree != null) {
        guarded(() -> tree.sampleMemory(nowNanos));
      }
    }
    idle = children.active() == 0 && strays.none();
  }

  private int await(long nowNanos, long beatNanos) {
    long nanos = timers.untilNextNanos(nowNanos);
    if (!idle || children.active() > 0) {
      nanos = Math.min(nanos, Math.max(0, BEAT_NANOS - (nowNanos - beatNanos)));
    } else {
      nanos = Math.min(nanos, IDLE_BEAT_NANOS);
    }
    // The order matters: who posts looks at the flag after the queue, this thread before it.
    asleep.set(true);
    if (!posted.isEmpty() || !unread.isEmpty() || ended) {
      nanos = 0;
    }
    int ready = libc.epollWait(epoll, events, EVENTS_MAX, millis(nanos));
    asleep.set(false);
    return ready;
  }

  private static int millis(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      return -1;
    }
    // Rounded up: rounded down, the loop would spin through the last millisecond.
    return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
  }

  private void handle(int ready) {
    for (int i = 0; i < ready; i++) {
      long key = EpollEvents.key(events, i);
      if (key == WAKEUP_KEY) {
        continue;
      }
      // Null for what was closed a moment ago, while a neighbour's spawn still held it, too.
      Child child = Children.find(ProcessTree.idOf(key));
      ProcessTree tree = child == null ? null : child.tree();
      if (tree != null) {
        guarded(() -> tree.onReady(key));
      }
    }
    if (ready < 0 && ready != -Errno.EINTR) {
      throw new IllegalStateException("epoll_wait failed: errno " + -ready);
    }
  }

  private void runPosted() {
    for (Runnable action = posted.poll(); action != null; action = posted.poll()) {
      guarded(action);
    }
  }

  private void readUnread() {
    for (int turns = unread.size(); turns > 0; turns--) {
      guarded(unread.remove()::read);
    }
  }

  private void fireTimers() {
    long now = System.nanoTime();
    for (Runnable due = timers.takeDue(now); due != null; due = timers.takeDue(now)) {
      guarded(due);
    }
  }

  /** One child's mistake must not end the thread that all others live by. */
  private static void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("the process loop met a defect", e);
    }
  }
}
