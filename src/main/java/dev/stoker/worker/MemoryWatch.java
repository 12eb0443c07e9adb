package dev.stoker.worker;

import java.time.Duration;

/**
 * Retires a worker that keeps too much memory. Confined to the workers' thread.
 *
 * <p>Looks only when a request is over or none is there, and not each time: a worker may serve
 * thousands in a second.
 */
final class MemoryWatch {
  /** After a request a worker may have this share of the memory it would be killed for. */
  private static final double SHARE = 0.8;

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final WorkerThreads threads;
  private final Worker worker;
  private final long bytesMax;
  private long lookedNanos = System.nanoTime() - PAUSE.toNanos();
  private boolean looksLater;

  /**
   * Has not looked yet.
   *
   * @param bytesMax that it would be killed for; 0 for no bound
   */
  MemoryWatch(WorkerThreads threads, Worker worker, long bytesMax) {
    this.threads = threads;
    this.worker = worker;
    this.bytesMax = bytesMax;
  }

  /** A request is over. */
  void requestOver() {
    if (bytesMax == 0) {
      return;
    }
    if (System.nanoTime() - lookedNanos >= PAUSE.toNanos()) {
      look();
    } else if (!looksLater) {
      looksLater = true;
      var _ = threads.after(PAUSE, this::lookWhenQuiet);
    }
  }

  /** With requests in it, the end of the next one is the time. */
  private void lookWhenQuiet() {
    looksLater = false;
    if (worker.load() == 0) {
      look();
    }
  }

  private void look() {
    lookedNanos = System.nanoTime();
    long resident = worker.pid() > 0 ? ResidentSize.of(worker.pid()) : 0;
    if (resident > bytesMax * SHARE) {
      worker.retire("it keeps " + resident + " bytes of memory; it may have " + bytesMax);
    }
  }
}
