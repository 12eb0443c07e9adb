package dev.stoker.process;

import dev.stoker.process.Confinement.Privileges;
import dev.stoker.process.RestrictedThread.Opened;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The restricted threads of a runner. One that is not in use is kept for the next process of the
 * same confinement, until there are too many: then those go that have not been used for longest.
 * Thread-safe: its lock guards the idle ones.
 */
final class RestrictedThreads {
  private static final long PR_SET_DUMPABLE = 4;
  private static final AtomicLong LAST = new AtomicLong();

  private final int idleMax;

  // Under the lock; the one used last is first.
  private final Deque<RestrictedThread> idle = new ArrayDeque<>();
  private boolean closed;

  RestrictedThreads(int idleMax) {
    this.idleMax = idleMax;
  }

  /**
   * One that nobody else uses until it is given back. Blocks for some milliseconds if it is new.
   */
  Opened take(Confinement confinement) {
    int error = confinement.privileges() == Privileges.KEPT ? 0 : hide();
    if (error < 0) {
      return new Opened(null, "this process cannot be hidden from its children: errno " + -error);
    }
    RestrictedThread kept = takeIdle(confinement);
    return kept == null
        ? RestrictedThread.open(this, confinement, "stoker-confined-" + LAST.incrementAndGet())
        : new Opened(kept, null);
  }

  /** All that it has started is dead and reaped. Does not block. */
  void giveBack(RestrictedThread thread) {
    List<RestrictedThread> surplus = new ArrayList<>();
    synchronized (this) {
      idle.addFirst(thread);
      while (idle.size() > (closed ? 0 : idleMax)) {
        surplus.add(idle.removeLast());
      }
    }
    surplus.forEach(RestrictedThread::end);
  }

  /** Ends them all; those that are in use, when they are given back. */
  void close() {
    List<RestrictedThread> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(idle);
      idle.clear();
    }
    all.forEach(RestrictedThread::end);
  }

  /**
   * A process has the rights of the thread that started it, over that thread as well: it could open
   * that thread's descriptors, which are this JVM's, in {@code /proc}. The kernel lets nobody do so
   * where the memory may not be dumped. Once is enough, but again costs nothing.
   */
  private static int hide() {
    try (Arena arena = Arena.ofConfined()) {
      return new Libc(arena).prctl(PR_SET_DUMPABLE, 0);
    }
  }

  private synchronized @Nullable RestrictedThread takeIdle(Confinement confinement) {
    for (Iterator<RestrictedThread> threads = idle.iterator(); threads.hasNext(); ) {
      RestrictedThread thread = threads.next();
      if (thread.confinement().equals(confinement)) {
        threads.remove();
        return thread;
      }
    }
    return null;
  }
}
