package dev.stoker.function;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the memories of all runs have of the heap. Without it the last page that one module asks for
 * could be the one that a neighbour's request needed. Thread-safe.
 */
final class HeapBudget {
  private final long bytesMax;
  private final AtomicLong taken = new AtomicLong();

  HeapBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Takes so much, or nothing and false. */
  boolean take(long bytes) {
    long before;
    do {
      before = taken.get();
      if (bytes > bytesMax - before) {
        return false;
      }
    } while (!taken.compareAndSet(before, before + bytes));
    return true;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  long bytesMax() {
    return bytesMax;
  }

  long taken() {
    return taken.get();
  }
}
