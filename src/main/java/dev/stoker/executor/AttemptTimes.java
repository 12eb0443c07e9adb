package dev.stoker.executor;

import dev.stoker.run.Command;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When an attempt got its slot, its process, and its process's end. Written by the process engine's
 * thread before it hands over to the executor's context, read there afterwards.
 */
final class AttemptTimes {
  private final long slotNanos = System.nanoTime();
  private long startedNanos;
  private long endedNanos;
  private @Nullable Instant startedAt;

  void started() {
    startedNanos = System.nanoTime();
    startedAt = Instant.now();
  }

  void ended() {
    endedNanos = System.nanoTime();
  }

  /** Null while no process runs. */
  @Nullable Instant startedAt() {
    return startedAt;
  }

  long slotNanos() {
    return slotNanos;
  }

  /** Of no account while no process runs. */
  long startedNanos() {
    return startedNanos;
  }

  /** Of no account while its process has not ended. */
  long endedNanos() {
    return endedNanos;
  }

  /** From the command's accept to the slot. */
  Duration sinceAccept(Command command) {
    return Duration.ofNanos(slotNanos - command.acceptedNanos());
  }

  /** From the slot to the running process; null if none ran. */
  @Nullable Duration start() {
    return startedAt == null ? null : Duration.ofNanos(startedNanos - slotNanos);
  }

  /** From the running process to the end of its tree; null if it has not ended. */
  @Nullable Duration execution() {
    return startedAt == null || endedNanos == 0
        ? null
        : Duration.ofNanos(endedNanos - startedNanos);
  }

  /** From the end of its tree to now; null if it has not ended. */
  @Nullable Duration collection() {
    return endedNanos == 0 ? null : Duration.ofNanos(System.nanoTime() - endedNanos);
  }
}
