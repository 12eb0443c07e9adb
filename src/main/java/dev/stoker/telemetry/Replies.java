package dev.stoker.telemetry;

import dev.stoker.run.RunId;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * When the runs ended whose answers are under way: as many as there are requests that wait.
 * Thread-safe.
 *
 * <p>A record's own times are of another clock where another node ran it, so they do not say how
 * long its answer took.
 */
final class Replies {
  private static final long NOT_YET = Long.MIN_VALUE;

  private final ConcurrentMap<RunId, Long> ends = new ConcurrentHashMap<>();

  void await(RunId run) {
    ends.put(run, NOT_YET);
  }

  void over(RunId run) {
    ends.computeIfPresent(run, (id, known) -> known == NOT_YET ? (Long) System.nanoTime() : known);
  }

  /** Since its end; null where it has not ended or was not awaited. */
  @Nullable Duration remove(RunId run) {
    Long end = ends.remove(run);
    return end == null || end == NOT_YET ? null : Duration.ofNanos(System.nanoTime() - end);
  }

  int size() {
    return ends.size();
  }
}
