package dev.stoker.worker;

import java.io.IOException;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empty directories of one worker that requests without files use one after the other, so that such
 * a request costs the disk nothing. Thread-safe.
 *
 * <p>A directory that a request has touched is never used again. That the worker may keep a
 * descriptor of one that was not is no harm: it leads to what the same worker is given later, and
 * never to another worker's or a run's own.
 */
final class ReadyDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(ReadyDirectories.class);

  /** Requests beyond these have directories made for them. */
  private static final int MOST = 8;

  private final WorkerCell cell;
  private final int max;
  private final Queue<EmptyDirectory> ready = new ConcurrentLinkedQueue<>();

  /** Those that are ready, and those that requests have. */
  private final AtomicInteger count = new AtomicInteger();

  private final AtomicLong numbers = new AtomicLong();

  /**
   * Has none yet.
   *
   * @param requestsMax that the worker works at once
   */
  ReadyDirectories(WorkerCell cell, int requestsMax) {
    this.cell = cell;
    this.max = Math.min(MOST, requestsMax);
  }

  /** One for a request, if one is there; soon after it was made it is not. Never blocks. */
  @Nullable EmptyDirectory take() {
    EmptyDirectory oldest = ready.poll();
    if (oldest != null && !oldest.tellsFrom(Instant.now())) {
      ready.add(oldest);
      return null;
    }
    return oldest;
  }

  /**
   * Takes one back.
   *
   * @return false when it was touched: it is to be removed, and to be {@link #replenish made up
   *     for}
   */
  boolean giveBack(EmptyDirectory used) {
    if (used.isUntouched()) {
      ready.add(used);
      return true;
    }
    count.decrementAndGet();
    return false;
  }

  /** Makes those that lack. Blocks. What fails is done without until the next time. */
  void replenish() {
    while (count.getAndIncrement() < max) {
      String name = "ready-" + numbers.incrementAndGet();
      try {
        ready.add(cell.makeEmpty(name));
      } catch (IOException e) {
        LOG.debug("cannot make {} in {}", name, cell.directory(), e);
        break;
      }
    }
    count.decrementAndGet();
  }
}
