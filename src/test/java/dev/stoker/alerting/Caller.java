package dev.stoker.alerting;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.stoker.Http;
import dev.stoker.Http.Answer;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks a node for a short run, one after the other, until it is closed. Thread-safe. */
final class Caller implements AutoCloseable {
  private static final int PAUSE_MILLIS = 200;

  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger succeeded = new AtomicInteger();
  private final Http http;

  Caller(URI api) {
    http = new Http(api);
    var _ = thread.scheduleWithFixedDelay(this::call, 0, PAUSE_MILLIS, MILLISECONDS);
  }

  int succeeded() {
    return succeeded.get();
  }

  private void call() {
    try {
      Answer answer = http.run("hello");
      if (answer.status() == 200 && answer.run().state().equals("succeeded")) {
        succeeded.incrementAndGet();
      }
    } catch (UncheckedIOException e) {
      // A run that was on the lost node may have no answer; the next one has.
      return;
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    http.close();
  }
}
