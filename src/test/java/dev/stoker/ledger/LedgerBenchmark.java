package dev.stoker.ledger;

import dev.stoker.run.Captured;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Usage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * What the ledger costs: run with {@code main}. Prints the share of a core that its writer takes at
 * 3,000 synchronous runs a second, the runs a second it writes at most, and the DETACHED accepts a
 * second with 64 under way.
 */
final class LedgerBenchmark {
  private static final int PACED_PER_SECOND = 3000;
  private static final int SECONDS = 10;

  private LedgerBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path directory =
        Files.createTempDirectory(Path.of(args.length > 0 ? args[0] : "/tmp"), "ledger");
    long began = System.nanoTime();
    try (LedgerFixture book = new LedgerFixture(directory)) {
      System.out.printf("opened in %.0f ms%n", (System.nanoTime() - began) / 1e6);
      paced(book, 3);
      paced(book, SECONDS);
      detached(book, 20_000);
      detached(book, 20_000);
    }
    began = System.nanoTime();
    try (LedgerFixture book = new LedgerFixture(directory)) {
      System.out.printf("opened again in %.0f ms%n", (System.nanoTime() - began) / 1e6);
      began = System.nanoTime();
      LedgerFixture.await(book.ledger.list(new Query(null, null, null, 100, null)));
      System.out.printf("listed 100 in %.1f ms%n", (System.nanoTime() - began) / 1e6);
      began = System.nanoTime();
      LedgerFixture.await(book.ledger.references());
      System.out.printf("references in %.1f ms%n", (System.nanoTime() - began) / 1e6);
    }
    System.out.printf("file: %,d bytes%n", Files.size(directory.resolve("ledger.db")));
  }

  private static void paced(LedgerFixture book, int seconds) {
    long cpu = writerCpuNanos();
    long began = System.nanoTime();
    long callerNanos = 0;
    int runs = seconds * PACED_PER_SECOND;
    for (int i = 0; i < runs; i++) {
      Command command = LedgerFixture.command("echo", Delivery.WAIT);
      var queued = LedgerFixture.queued(command);
      var ended = echoed(command);
      long before = System.nanoTime();
      LedgerFixture.await(book.ledger.accept(command, queued));
      LedgerFixture.await(book.ledger.update(command, ended));
      callerNanos += System.nanoTime() - before;
      while (System.nanoTime() - began < i * 1_000_000_000L / PACED_PER_SECOND) {
        LockSupport.parkNanos(100_000);
      }
    }
    double elapsed = System.nanoTime() - began;
    System.out.printf(
        "%d synchronous runs/s: writer %.1f %% of a core, %.1f µs of the caller a run%n",
        (int) (runs * 1e9 / elapsed),
        100 * (writerCpuNanos() - cpu) / elapsed,
        callerNanos / 1e3 / runs);
  }

  private static void detached(LedgerFixture book, int runs) throws InterruptedException {
    long began = System.nanoTime();
    long cpu = writerCpuNanos();
    int window = 64;
    Semaphore underWay = new Semaphore(window);
    for (int i = 0; i < runs; i++) {
      underWay.acquire();
      Command command = LedgerFixture.command("echo", Delivery.DETACHED);
      book.ledger
          .accept(command, LedgerFixture.queued(command))
          .compose(id -> book.ledger.update(command, echoed(command)))
          .onComplete(done -> underWay.release());
    }
    underWay.acquire(window);
    double elapsed = System.nanoTime() - began;
    System.out.printf(
        "%d durable runs/s (accept and end), writer %.0f %% of a core%n",
        (int) (runs * 1e9 / elapsed), 100 * (writerCpuNanos() - cpu) / elapsed);
  }

  /** As most runs are: a line of output and no file. */
  private static RunRecord echoed(Command command) {
    return LedgerFixture.running(command)
        .ended(
            new Outcome.Succeeded(),
            Instant.now(),
            new Exit.Code(0),
            new Captured("hello", null, 5, false, null),
            Captured.EMPTY,
            Map.of(),
            new Usage(1, 1 << 20));
  }

  private static long writerCpuNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().equals("stoker-ledger-writer")) {
        nanos += threads.getThreadCpuTime(id);
      }
    }
    return nanos;
  }
}
