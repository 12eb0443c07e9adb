package dev.stoker.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns all that is known of workers, and those that do what blocks for it.
 * Thread-safe. The queues have no bound of their own: whoever asks for runs has slots, and each
 * worker's unread output is bounded.
 */
final class WorkerThreads {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerThreads.class);
  private static final int DISK_THREADS = 4;
  private static final long END_SECONDS = 5;

  private final ScheduledThreadPoolExecutor owner =
      new ScheduledThreadPoolExecutor(
          1, daemons("stoker-workers-"), new ThreadPoolExecutor.DiscardPolicy());

  private final ExecutorService disk =
      Executors.newFixedThreadPool(DISK_THREADS, daemons("stoker-worker-disk-"));

  WorkerThreads() {
    owner.setRemoveOnCancelPolicy(true);
  }

  /** Something that blocks. */
  interface Call<T> {
    T call() throws IOException;
  }

  /** Has something done by the owner, after what was posted before. */
  void post(Runnable task) {
    owner.execute(guarded(task));
  }

  /** Has something done by the owner, later. */
  Future<?> after(Duration delay, Runnable task) {
    return owner.schedule(guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Has something done that blocks; then the owner hears what came of it, or why nothing did. */
  <T> void onDisk(Call<T> call, BiConsumer<@Nullable T, @Nullable IOException> then) {
    disk.execute(
        () -> {
          T result = null;
          IOException failure = null;
          try {
            result = call.call();
          } catch (IOException e) {
            failure = e;
          } catch (RuntimeException e) {
            failure = new IOException("a defect", e);
          }
          T found = result;
          IOException failed = failure;
          post(() -> then.accept(found, failed));
        });
  }

  /** Ends them, after what is being done. Blocks for up to ten seconds. */
  void close() {
    disk.shutdown();
    owner.shutdownNow();
    try {
      if (!disk.awaitTermination(END_SECONDS, TimeUnit.SECONDS)
          || !owner.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.error("the workers' threads did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A scheduled executor would keep to itself what a task throws. */
  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("the workers' thread met a defect", e);
      }
    };
  }

  private static ThreadFactory daemons(String prefix) {
    return Thread.ofPlatform().name(prefix, 1).daemon().factory();
  }
}
