package dev.stoker;

import dev.stoker.telemetry.Metrics;
import dev.stoker.telemetry.Metrics.About;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Tells how late its event loop is: whatever blocks the loop, or has more for it than it can do,
 * shows here first. A verticle, one for each loop; confined to its context.
 */
final class LoopWatch extends VerticleBase {
  private static final long PERIOD_MILLIS = 250;
  private static final long PERIOD_NANOS = PERIOD_MILLIS * 1_000_000;

  private final Consumer<Duration> delay;
  private long lastNanos;

  LoopWatch(Metrics metrics) {
    this.delay =
        metrics.times(
            new About(
                "event.loop.delay", "How late an event loop runs what is due, 4 times a second"));
  }

  @Override
  public Future<?> start() {
    lastNanos = System.nanoTime();
    vertx.setPeriodic(PERIOD_MILLIS, id -> look());
    return Future.succeededFuture();
  }

  private void look() {
    long now = System.nanoTime();
    delay.accept(Duration.ofNanos(Math.max(0, now - lastNanos - PERIOD_NANOS)));
    lastNanos = now;
  }
}
