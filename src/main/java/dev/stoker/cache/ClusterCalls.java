package dev.stoker.cache;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the cluster, and goes on without it where it does not answer in time. Thread-safe; never
 * blocks its caller.
 *
 * <p>Hazelcast has compare-and-set in a blocking form only, unless by code that every member must
 * have, and a member may be somebody else's program. So these calls have virtual threads.
 */
final class ClusterCalls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterCalls.class);

  /** Calls under way, those included that nobody waits for any more. */
  static final int PENDING_MAX = 4096;

  private final Vertx vertx;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("stoker-cache-", 0).factory());
  private final Semaphore free = new Semaphore(PENDING_MAX);
  private final LongAdder failures = new LongAdder();

  ClusterCalls(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * The answer, or {@code otherwise} when the call fails or takes longer; on the caller's context.
   *
   * @param what is asked, for the log
   */
  <T> Future<T> ask(String what, Callable<CompletionStage<T>> call, Duration within, T otherwise) {
    Context context = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, within.toMillis()),
            id -> {
              if (promise.tryComplete(otherwise)) {
                failed(what, "no answer within " + within.toMillis() + " ms");
              }
            });
    begin(what, call)
        .whenCompleteAsync(
            (answer, failure) -> {
              vertx.cancelTimer(timer);
              promise.tryComplete(failure == null ? answer : otherwise);
            },
            task -> context.runOnContext(on -> task.run()));
    return promise.future();
  }

  /** Completes on the caller's context when the call has, or after so long: it then goes on. */
  Future<Void> await(CompletionStage<?> begun, Duration within) {
    return Future.fromCompletionStage(begun, vertx.getOrCreateContext())
        .timeout(within.toMillis(), TimeUnit.MILLISECONDS)
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  /** Calls without anybody waiting for it; a failure is logged and counted. */
  <T> CompletionStage<T> begin(String what, Callable<CompletionStage<T>> call) {
    if (!free.tryAcquire()) {
      failed(what, PENDING_MAX + " calls are under way");
      return CompletableFuture.failedFuture(new IllegalStateException("too many calls"));
    }
    CompletionStage<T> begun;
    try {
      begun = call.call();
    } catch (Exception e) {
      // A member that is shutting down refuses at once, with one of many exceptions.
      begun = CompletableFuture.failedFuture(e);
    }
    // On the completing thread: Hazelcast would start a thread for this on a small machine.
    return begun.whenCompleteAsync(
        (answer, failure) -> {
          free.release();
          if (failure != null) {
            failed(what, reason(failure));
          }
        },
        Runnable::run);
  }

  /** Has a virtual thread do what blocks. */
  <T> CompletionStage<T> blocking(Callable<T> work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return work.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        threads);
  }

  long failures() {
    return failures.sum();
  }

  void failed(String what, String why) {
    failures.increment();
    LOG.debug("{}: {}", what, why);
  }

  /** Calls under way go on without being waited for: they end with the member. */
  @Override
  public void close() {
    threads.shutdown();
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause();
    return String.valueOf(
        failure instanceof CompletionException && cause != null ? cause : failure);
  }
}
