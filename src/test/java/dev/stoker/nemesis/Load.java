package dev.stoker.nemesis;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several clients at once. Closing ends them. */
final class Load implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int END_SECONDS_MAX = 60;

  private final History history = new History();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Future<?>> clients = new ArrayList<>();
  private final ExecutorService threads;

  /** Clients that wait for as long as an answer may take on a busy machine. */
  Load(TestCluster cluster, LoadMix mix, int number, long seed) {
    this(cluster, mix, number, seed, PATIENCE);
  }

  /**
   * The same seed makes the same requests, as far as the answers are the same.
   *
   * @param patience after which an answer is not waited for any more
   */
  Load(TestCluster cluster, LoadMix mix, int number, long seed, Duration patience) {
    this.threads = Executors.newFixedThreadPool(number);
    for (int i = 0; i < number; i++) {
      Caller caller = new Caller(cluster, patience, history);
      String name = "client" + i;
      clients.add(threads.submit(new LoadClient(caller, history, mix, name, seed + i, over)));
    }
  }

  History history() {
    return history;
  }

  /** Whether a client has ended before it was told to: only a mistake does that. */
  boolean failed() {
    return over.getCount() > 0 && clients.stream().anyMatch(Future::isDone);
  }

  /** Whether that many requests have been answered. Fails when a client has failed. */
  boolean reached(int events) throws ExecutionException, InterruptedException {
    for (Future<?> client : clients) {
      if (client.isDone()) {
        client.get();
      }
    }
    return history.answered() >= events;
  }

  /** Lets every client finish what it is at, and fails when one of them failed. */
  History end() throws ExecutionException, InterruptedException {
    close();
    for (Future<?> client : clients) {
      client.get();
    }
    return history;
  }

  @Override
  public void close() {
    over.countDown();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(END_SECONDS_MAX, SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
