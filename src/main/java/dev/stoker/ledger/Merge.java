package dev.stoker.ledger;

import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Makes one page of what memory and the table hold, both newest first. Not thread-safe.
 *
 * <p>Memory was read before the table: a run that memory had is taken from there, in whatever state
 * the table's row is; a run that came between is only in the table.
 */
final class Merge {
  private final Query query;
  private final Map<RunId, RunRecord> live;
  private final ArrayDeque<RunRecord> matching = new ArrayDeque<>();
  private final List<RunRecord> merged = new ArrayList<>();

  Merge(Query query, Map<RunId, RunRecord> live) {
    this.query = query;
    this.live = live;
    live.values().stream()
        .filter(query::matches)
        .sorted(Comparator.comparing(RunRecord::id).reversed())
        .forEach(matching::add);
  }

  /** Whether no older row can come onto the page, nor tell whether there is a next one. */
  boolean isFull() {
    return merged.size() > query.limit();
  }

  /** Takes the next row of the table. */
  void add(RunId id, byte[] record) {
    takeNewerThan(id);
    if (!isFull() && !live.containsKey(id)) {
      merged.add(RunRow.record(record));
    }
  }

  private void takeNewerThan(RunId id) {
    while (!isFull() && !matching.isEmpty() && matching.getFirst().id().compareTo(id) >= 0) {
      merged.add(matching.removeFirst());
    }
  }

  Page page() {
    while (!isFull() && !matching.isEmpty()) {
      merged.add(matching.removeFirst());
    }
    if (!isFull()) {
      return new Page(merged, null);
    }
    List<RunRecord> shown = merged.subList(0, query.limit());
    return new Page(shown, shown.getLast().id());
  }
}
