package dev.stoker.process;

import java.util.PriorityQueue;

/** What is to happen later on one thread, which alone may use it. */
final class Timers {
  private final PriorityQueue<Timer> queue = new PriorityQueue<>();

  /** Something that will happen once, unless it is cancelled. */
  final class Timer implements Comparable<Timer> {
    private final long atNanos;
    private final Runnable action;

    private Timer(long atNanos, Runnable action) {
      this.atNanos = atNanos;
      this.action = action;
    }

    /** Nothing happens when it has fired already. */
    void cancel() {
      queue.remove(this);
    }

    @Override
    public int compareTo(Timer other) {
      // The clock may wrap: only differences can be compared.
      return Long.signum(atNanos - other.atNanos);
    }
  }

  Timer schedule(long nowNanos, long delayNanos, Runnable action) {
    Timer timer = new Timer(nowNanos + delayNanos, action);
    queue.add(timer);
    return timer;
  }

  /** How long until the next is due: 0 when one is, {@link Long#MAX_VALUE} when there is none. */
  long untilNextNanos(long nowNanos) {
    Timer next = queue.peek();
    return next == null ? Long.MAX_VALUE : Math.max(0, next.atNanos - nowNanos);
  }

  /** Takes the next that is due, to be run by the caller. Null when there is none. */
  @org.jspecify.annotations.Nullable
  Runnable takeDue(long nowNanos) {
    Timer next = queue.peek();
    if (next == null || next.atNanos - nowNanos > 0) {
      return null;
    }
    queue.remove();
    return next.action;
  }
}
