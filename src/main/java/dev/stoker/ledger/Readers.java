package dev.stoker.ledger;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that read the tables. Thread-safe. */
final class Readers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Readers.class);
  private static final int WAITING_MAX = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Database database;
  private final ExecutorService threads;

  /** Leaves the database open when it is closed. */
  Readers(Vertx vertx, Database database, int count) {
    this.vertx = vertx;
    this.database = database;
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().name("stoker-ledger-reader-", 0).daemon().factory());
  }

  /** Asks on one of the threads and answers on the caller's context. */
  <T> Future<T> ask(Database.Question<T> question) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> answer = Promise.promise();
    try {
      long now = System.nanoTime();
      threads.execute(() -> ask(question, now, caller, answer));
    } catch (RejectedExecutionException e) {
      answer.fail(unavailable("too many questions wait for the ledger"));
    }
    return answer.future();
  }

  private <T> void ask(
      Database.Question<T> question, long askedNanos, Context caller, Promise<T> answer) {
    try {
      // Behind a store that hangs nobody waits for all who came before.
      if (System.nanoTime() - askedNanos > PATIENCE.toNanos()) {
        caller.runOnContext(on -> answer.fail(unavailable("the ledger does not answer")));
        return;
      }
      T found = database.ask(question);
      caller.runOnContext(on -> answer.complete(found));
    } catch (SQLException | RuntimeException e) {
      LOG.error("the ledger could not be read", e);
      caller.runOnContext(on -> answer.fail(unavailable("the ledger cannot be read now")));
    }
  }

  static ServiceException unavailable(String message) {
    return ServiceException.retryable(ErrorCode.LEDGER_UNAVAILABLE, message, RETRY);
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("the ledger was still being read when it closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
