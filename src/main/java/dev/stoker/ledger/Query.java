package dev.stoker.ledger;

import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import org.jspecify.annotations.Nullable;

/**
 * Which runs to list. Immutable.
 *
 * @param limit 1 to 1000
 * @param before only runs older than this one, which was the last of the page before
 */
public record Query(
    @Nullable String tool,
    @Nullable RunState state,
    @Nullable String principal,
    int limit,
    @Nullable RunId before) {
  public static final int LIMIT_MAX = 1000;

  public Query {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new IllegalArgumentException("a page has 1 to " + LIMIT_MAX + " runs, not " + limit);
    }
  }

  /** Whether a run belongs on the list. */
  boolean matches(RunRecord run) {
    return (tool == null || tool.equals(run.tool()))
        && (state == null || state == run.state())
        && (principal == null || principal.equals(run.principal().name()))
        && (before == null || run.id().compareTo(before) < 0);
  }
}
