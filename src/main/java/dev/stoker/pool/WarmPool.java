package dev.stoker.pool;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sandboxes that wait for runs of one tool, or are to. Not thread-safe: {@link WarmSandboxes}
 * guards it.
 */
final class WarmPool {
  private static final int PAUSE_EXPONENT_MAX = 6;

  /** What one is taken to need before any has been measured. */
  private static final long BYTES_GUESS = 4L << 20;

  private final Deque<WarmSandbox> ready = new ArrayDeque<>();
  private final Set<WarmSandbox> making = new HashSet<>();
  private long bytesEach;
  private int failures;
  private long pausedUntilNanos;

  /** One that waits, as long as none has been measured. */
  @Nullable WarmSandbox unmeasured() {
    return bytesEach == 0 ? ready.peek() : null;
  }

  void measured(long bytes) {
    bytesEach = bytes;
  }

  /** What all take, and {@code more} would. */
  long bytes(int more) {
    return (size() + more) * (bytesEach == 0 ? BYTES_GUESS : bytesEach);
  }

  int ready() {
    return ready.size();
  }

  int making() {
    return making.size();
  }

  /** How many there are, or will be soon. */
  int size() {
    return ready.size() + making.size();
  }

  void making(WarmSandbox sandbox) {
    making.add(sandbox);
  }

  /** It waits. Nothing happens when it is not one of these. */
  void ready(WarmSandbox sandbox) {
    if (making.remove(sandbox)) {
      ready.add(sandbox);
      failures = 0;
    }
  }

  /** The one that has waited longest. */
  @Nullable WarmSandbox next() {
    return ready.poll();
  }

  /** All. A copy. */
  Set<WarmSandbox> all() {
    Set<WarmSandbox> all = new HashSet<>(ready);
    all.addAll(making);
    return all;
  }

  /** It is none of these any more. Returns whether it was. */
  boolean remove(WarmSandbox sandbox) {
    return ready.remove(sandbox) || making.remove(sandbox);
  }

  /** One died. After the first, ever more time is left, up to a minute, before there is another. */
  void failed(long nowNanos) {
    failures++;
    long seconds = failures == 1 ? 0 : 1L << Math.min(failures - 2, PAUSE_EXPONENT_MAX);
    pausedUntilNanos = nowNanos + TimeUnit.SECONDS.toNanos(Math.min(60, seconds));
  }

  boolean isPaused(long nowNanos) {
    return failures > 0 && nowNanos - pausedUntilNanos < 0;
  }
}
