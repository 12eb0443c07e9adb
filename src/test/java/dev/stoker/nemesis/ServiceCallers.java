package dev.stoker.nemesis;

import dev.stoker.Http;
import dev.stoker.Http.Answer;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Simple callers of one address, each with a connection that it keeps: none tries anything twice,
 * and whatever is not what it asked for is a failure. At most so many requests in all. Thread-safe.
 */
final class ServiceCallers implements AutoCloseable {
  private static final int REQUESTS_MAX = 6000;
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int THINK_MILLIS = 60;

  private final URI service;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Queue<String> accepted = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();

  ServiceCallers(URI service, int number) {
    this.service = service;
    for (int i = 0; i < number; i++) {
      int caller = i;
      threads.add(Thread.ofVirtual().start(() -> call(caller)));
    }
  }

  int answered() {
    return answered.get();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** The runs that were answered 202. */
  List<String> accepted() {
    return List.copyOf(accepted);
  }

  private void call(int caller) {
    try (Http http = new Http(service, PATIENCE)) {
      for (int i = 0; answered.get() < REQUESTS_MAX; i++) {
        if (over.await(THINK_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
        ask(http, caller + "-" + i, i);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask(Http http, String text, int i) {
    JsonObject parameters = new JsonObject().put("text", text).put("seconds", "0.1");
    try {
      if (i % 3 == 0) {
        Answer answer = http.detached(LoadTool.ONCE.label(), parameters);
        if (answer.status() == 202) {
          accepted.add(answer.run().id());
        } else {
          failures.add(answer.status() + " " + answer.text());
        }
      } else {
        Answer answer = http.run(LoadTool.ONCE.label(), parameters);
        if (answer.status() != 200 || !answer.run().state().equals("succeeded")) {
          failures.add(answer.status() + " " + answer.text());
        }
      }
      answered.incrementAndGet();
    } catch (UncheckedIOException e) {
      failures.add(text + ": " + e.getCause());
    }
  }

  @Override
  public void close() {
    over.countDown();
    try {
      for (Thread thread : threads) {
        thread.join(PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
