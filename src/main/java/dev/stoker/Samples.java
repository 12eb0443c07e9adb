package dev.stoker;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what may block, again and again, so that whoever wants to know need not wait.
 * Thread-safe; the looks are on threads of its own, so that one that hangs delays only one other.
 */
final class Samples implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Samples.class);
  private static final int THREADS = 2;

  private final ScheduledThreadPoolExecutor threads =
      new ScheduledThreadPoolExecutor(
          THREADS, Thread.ofPlatform().name("stoker-samples-", 1).daemon().factory());
  private final Duration pause;
  private final Duration staleAfter;

  private record Seen<T>(T value, long atNanos) {}

  /**
   * Begins with the first of {@link #of}.
   *
   * @param pause between two looks
   * @param staleAfter how old a look may be; older ones are not told
   */
  Samples(Duration pause, Duration staleAfter) {
    this.pause = pause;
    this.staleAfter = staleAfter;
  }

  /** What {@code look} saw last; null before the first and while it hangs or fails. */
  <T> Supplier<@Nullable T> of(String what, Callable<T> look) {
    Sample<T> sample = new Sample<>(what, look);
    var _ = threads.scheduleWithFixedDelay(sample, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
    return sample;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private final class Sample<T> implements Runnable, Supplier<@Nullable T> {
    private final String what;
    private final Callable<T> look;
    private volatile @Nullable Seen<T> seen;

    private Sample(String what, Callable<T> look) {
      this.what = what;
      this.look = look;
    }

    @Override
    public void run() {
      try {
        seen = new Seen<>(look.call(), System.nanoTime());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        // It is seen by the number that is missing.
        LOG.debug("cannot look at {}", what, e);
      }
    }

    @Override
    public @Nullable T get() {
      Seen<T> newest = seen;
      return newest == null || System.nanoTime() - newest.atNanos() > staleAfter.toNanos()
          ? null
          : newest.value();
    }
  }
}
