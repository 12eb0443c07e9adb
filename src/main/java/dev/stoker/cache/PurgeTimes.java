package dev.stoker.cache;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * When results were last purged, so that a run from before stores nothing after. Thread-safe; times
 * only ever go up, so two of these that hear of the same purges in any order are the same.
 *
 * <p>Times are the wall clock's, since a run's own is: a clock that is set back between a run's
 * submission and a purge lets that run's result in until its time to live is over.
 */
final class PurgeTimes {
  /** Tools are as many as the catalog has; more names than this come from callers who guess. */
  static final int TOOLS_MAX = 10_000;

  /** Stands for all tools; no tool's name. */
  private static final String ALL = "*";

  private final ConcurrentHashMap<String, Instant> byTool = new ConcurrentHashMap<>();
  private volatile Instant all = Instant.MIN;

  /** One purge, of one tool or of all. */
  record Purge(Optional<String> tool, Instant at) {
    /** Whether it forgets a result of the tool whose run was submitted at {@code time}. */
    boolean means(String name, Instant time) {
      return (tool.isEmpty() || tool.get().equals(name)) && !time.isAfter(at);
    }

    /** A line of {@link PurgeTimes#text}. */
    String line() {
      return tool.orElse(ALL) + ' ' + at;
    }

    private static Purge parse(String line) {
      int space = line.indexOf(' ');
      String tool = line.substring(0, Math.max(0, space));
      return new Purge(
          tool.equals(ALL) ? Optional.empty() : Optional.of(tool),
          Instant.parse(line.substring(space + 1)));
    }
  }

  /** Notes a purge of one tool, or of all. */
  synchronized void record(Optional<String> tool, Instant at) {
    if (tool.isPresent() && (byTool.containsKey(tool.get()) || byTool.size() < TOOLS_MAX)) {
      if (at.isAfter(all)) {
        byTool.merge(tool.get(), at, PurgeTimes::later);
      }
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

  /** Whether this has heard of the purge, or of a later one of the same. */
  boolean knows(Purge purge) {
    return purge.tool().isPresent() ? since(purge.tool().get(), purge.at()) : isAll(purge.at());
  }

  private boolean isAll(Instant at) {
    return !at.isAfter(all);
  }

  /** All times, a line for each, always in the same order; empty when there are none. */
  synchronized String text() {
    StringBuilder text = new StringBuilder();
    if (!all.equals(Instant.MIN)) {
      text.append(new Purge(Optional.empty(), all).line()).append('\n');
    }
    new TreeMap<>(byTool)
        .forEach((tool, at) -> text.append(new Purge(Optional.of(tool), at).line()).append('\n'));
    return text.toString();
  }

  /**
   * The purges of a {@link #text}.
   *
   * @throws RuntimeException when it is none
   */
  static List<Purge> read(@Nullable String text) {
    List<Purge> purges = new ArrayList<>();
    if (text != null) {
      text.lines().map(Purge::parse).forEach(purges::add);
    }
    return purges;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
