package dev.stoker.ledger;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Threads that read the table, each with a connection at a time. Thread-safe. */
final class Readers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Readers.class);
  private static final int WAITING_MAX = 10_000;
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final BlockingQueue<RunReader> idle;
  private final ExecutorService threads;

  /** Closes the readers when it is closed. */
  Readers(Vertx vertx, List<RunReader> readers) {
    this.vertx = vertx;
    this.idle = new ArrayBlockingQueue<>(readers.size(), false, readers);
    this.threads =
        new ThreadPoolExecutor(
            readers.size(),
            readers.size(),
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().name("stoker-ledger-reader-", 0).daemon().factory());
  }

  /** Something that asks the table. */
  @FunctionalInterface
  interface Question<T> {
    T ask(RunReader reader) throws SQLException;
  }

  /** Asks on one of the threads and answers on the caller's context. */
  <T> Future<T> ask(Question<T> question) {
    Context caller = vertx.getOrCreateContext();
    Promise<T> answer = Promise.promise();
    try {
      threads.execute(() -> ask(question, caller, answer));
    } catch (RejectedExecutionException e) {
      answer.fail(unavailable("too many questions wait for the ledger"));
    }
    return answer.future();
  }

  private <T> void ask(Question<T> question, Context caller, Promise<T> answer) {
    try {
      RunReader reader = idle.take();
      try {
        T found = question.ask(reader);
        caller.runOnContext(on -> answer.complete(found));
      } finally {
        idle.add(reader);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      caller.runOnContext(on -> answer.fail(unavailable("the ledger is closed")));
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
      for (RunReader reader = idle.poll(); reader != null; reader = idle.poll()) {
        reader.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      LOG.warn("a connection to the ledger could not be closed", e);
    }
  }
}
