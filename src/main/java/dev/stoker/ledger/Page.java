package dev.stoker.ledger;

import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs, newest first. Immutable.
 *
 * @param next what {@link Query#before} is for the page after; null on the last
 */
public record Page(List<RunRecord> runs, @Nullable RunId next) {
  public Page {
    runs = List.copyOf(runs);
  }
}
