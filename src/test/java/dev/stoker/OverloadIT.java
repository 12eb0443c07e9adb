package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten times what a node can do, for half a minute. */
class OverloadIT {
  private static final int SLOTS = 8;
  private static final Duration PEAK = Duration.ofSeconds(8);
  private static final Duration STORM = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void shouldDoAsMuchUnderTenTimesItsLoadAndRefuseTheRestInOrder() throws Exception {
    StokerHome home =
        new StokerHome(directory)
            .heap("96m")
            .config("node: {slots: " + SLOTS + "}")
            .tool(
                "name: nap",
                "command: [sleep, '0.1']",
                "isolation: none",
                "concurrency: {queue: 16}");
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker);
        Http management = new Http(stoker.management())) {
      offer(http, 60, Duration.ofSeconds(5));
      Tally peak = offer(http, 78, PEAK);
      List<Long> health = Collections.synchronizedList(new ArrayList<>());
      List<Double> busy = Collections.synchronizedList(new ArrayList<>());
      ScheduledExecutorService probe = Executors.newSingleThreadScheduledExecutor();
      Future<?> probing =
          probe.scheduleAtFixedRate(
              () -> {
                health.add(millisOf(() -> ready(management)));
                busy.add(slotsUsed(management));
              },
              0,
              100,
              TimeUnit.MILLISECONDS);

      Tally storm = offer(http, 780, STORM);
      assertThat(probing.isDone()).as("no probe failed").isFalse();
      probe.shutdownNow();

      Collections.sort(health);
      long p99 = health.get((int) (health.size() * 0.99) - 1);
      System.out.printf(
          "OverloadIT peak %.1f/s, under ten times the load %.1f/s and %d refusals, health p99 %d"
              + " ms%n",
          peak.perSecond(), storm.perSecond(), storm.count(503), p99);
      assertThat(storm.statuses).containsOnlyKeys(200, 503);
      assertThat(storm.withoutRetryAfter).hasValue(0);
      // Runs a second depend on whatever else the machine does; that no slot stands idle does not.
      double meanBusy = busy.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
      assertThat(meanBusy).isGreaterThanOrEqualTo(0.95 * SLOTS);
      assertThat(storm.count(200)).isPositive();
    }
  }

  private static void ready(Http management) {
    assertThat(management.get("/health/ready").status()).isEqualTo(200);
  }

  private static double slotsUsed(Http management) {
    return management
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("stoker_slots_used "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  /** Offers requests at a steady rate, whatever becomes of them. */
  private static Tally offer(Http http, int perSecond, Duration time) throws Exception {
    Tally tally = new Tally(time);
    long everyNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long begin = System.nanoTime();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      Future<?> offering =
          clock.scheduleAtFixedRate(
              () -> callers.execute(() -> tally.take(http.run("nap"))),
              0,
              everyNanos,
              TimeUnit.NANOSECONDS);
      long left = time.toNanos() - (System.nanoTime() - begin);
      Future<?> end = clock.schedule(clock::shutdownNow, left, TimeUnit.NANOSECONDS);
      end.get();
      assertThat(offering.isCancelled() || !offering.isDone()).as("no offer failed").isTrue();
      assertThat(clock.awaitTermination(time.toSeconds() + 30, TimeUnit.SECONDS)).isTrue();
    }
    return tally;
  }

  private static long millisOf(Runnable task) {
    long begin = System.nanoTime();
    task.run();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
  }

  private static final class Tally {
    private final ConcurrentMap<Integer, AtomicLong> statuses = new ConcurrentHashMap<>();
    private final AtomicLong withoutRetryAfter = new AtomicLong();
    private final Duration time;

    Tally(Duration time) {
      this.time = time;
    }

    void take(Http.Answer answer) {
      statuses.computeIfAbsent(answer.status(), s -> new AtomicLong()).incrementAndGet();
      if (answer.status() == 503 && answer.header("Retry-After").isEmpty()) {
        withoutRetryAfter.incrementAndGet();
      }
    }

    long count(int status) {
      AtomicLong count = statuses.get(status);
      return count == null ? 0 : count.get();
    }

    double perSecond() {
      return count(200) / (double) time.toSeconds();
    }
  }
}
