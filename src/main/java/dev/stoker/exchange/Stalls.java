package dev.stoker.exchange;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Cuts callers off who neither send nor take what they are waited for. Looks at all of them a few
 * times a stall, so that a transfer costs no timer. Confined to one context.
 */
public final class Stalls implements AutoCloseable {
  private static final int LOOKS_PER_STALL = 5;

  private final Vertx vertx;
  private final long stallNanos;
  private final long timer;
  private final Set<Watch> watches = new HashSet<>();

  /** Begins to look; {@link #close} ends it. */
  public Stalls(Vertx vertx, Duration stall) {
    this.vertx = vertx;
    this.stallNanos = stall.toNanos();
    long period = Math.max(10, stall.toMillis() / LOOKS_PER_STALL);
    this.timer = vertx.setPeriodic(period, id -> look(System.nanoTime()));
  }

  /**
   * Begins to watch a transfer.
   *
   * @param waiting whether it is the caller who is waited for now
   * @param cut what happens to one who does nothing; called once, and ends the watch
   */
  public Watch watch(BooleanSupplier waiting, Runnable cut) {
    Watch watch = new Watch(waiting, cut);
    watches.add(watch);
    return watch;
  }

  Vertx vertx() {
    return vertx;
  }

  private void look(long now) {
    for (Watch watch : List.copyOf(watches)) {
      if (!watch.waiting.getAsBoolean()) {
        watch.lastNanos = now;
      } else if (now - watch.lastNanos > stallNanos && watches.remove(watch)) {
        watch.cut.run();
      }
    }
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
    watches.clear();
  }

  /** One transfer. */
  public final class Watch implements AutoCloseable {
    private final BooleanSupplier waiting;
    private final Runnable cut;
    private long lastNanos = System.nanoTime();

    private Watch(BooleanSupplier waiting, Runnable cut) {
      this.waiting = waiting;
      this.cut = cut;
    }

    /** Something was sent or taken. */
    public void progress() {
      lastNanos = System.nanoTime();
    }

    @Override
    public void close() {
      watches.remove(this);
    }
  }
}
