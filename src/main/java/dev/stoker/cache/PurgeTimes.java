package dev.stoker.cache;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When results were last purged, so that a run from before stores nothing after. Thread-safe.
 *
 * <p>Times are the wall clock's, since a run's own is: a clock that is set back between a run's
 * submission and a purge lets that run's result in until its time to live is over.
 */
final class PurgeTimes {
  /** Tools are as many as the catalog has; more names than this come from callers who guess. */
  static final int TOOLS_MAX = 10_000;

  private final ConcurrentHashMap<String, Instant> byTool = new ConcurrentHashMap<>();
  private volatile Instant all = Instant.MIN;

  /** Notes a purge of one tool, or of all. */
  synchronized void record(Optional<String> tool, Instant at) {
    if (tool.isPresent() && (byTool.containsKey(tool.get()) || byTool.size() < TOOLS_MAX)) {
      byTool.merge(tool.get(), at, PurgeTimes::later);
    } else {
      // Too many names to remember: all that runs now stores nothing, which is never wrong.
      all = later(all, at);
      byTool.values().removeIf(time -> !time.isAfter(all));
    }
  }

  /** Whether the tool was purged at or after {@code time}. */
  boolean since(String tool, Instant time) {
    Instant purged = byTool.get(tool);
    return !time.isAfter(all) || (purged != null && !time.isAfter(purged));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
