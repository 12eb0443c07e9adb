package dev.stoker.ledger;

import dev.stoker.run.RunId;
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
    @Nullable RunId before) {}
