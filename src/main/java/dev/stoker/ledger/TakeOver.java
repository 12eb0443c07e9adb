package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import io.vertx.core.Promise;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes runs over, in the table and then in memory. Confined to the writer's thread. */
final class TakeOver implements GroupCommit.Chore {
  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

  private final Request request;
  private final LiveRuns live;
  private final @Nullable GridCommit shared;
  private final Promise<List<Ledger.Unfinished>> result;

  /**
   * @param result told on the writer's thread
   */
  TakeOver(
      Request request,
      LiveRuns live,
      @Nullable GridCommit shared,
      Promise<List<Ledger.Unfinished>> result) {
    this.shared = shared;
    this.request = request;
    this.live = live;
    this.result = result;
  }

  /**
   * Who takes whose.
   *
   * @param from {@link Ledger#NOBODY} for nobody's
   */
  record Request(NodeId self, NodeId from, int max) {
    /** As the table has it. */
    @Nullable String home() {
      return from.equals(Ledger.NOBODY) ? null : from.toString();
    }

    /** Whether the home can never sign in again: this node is its next life. */
    boolean isCertainlyGone() {
      return from.equals(Ledger.NOBODY)
          || (from.name().equals(self.name()) && from.epoch() < self.epoch());
    }
  }

  @Override
  public boolean step(RunWriter writer) throws SQLException {
    List<Ledger.Unfinished> runs = new ArrayList<>();
    Grid grid = shared == null ? null : shared.grid();
    if (grid != null) {
      grid.takeOver(request).forEach(taken -> add(taken, LiveRuns.Kept.IN_MEMORY, runs));
    }
    if (grid == null || request.isCertainlyGone()) {
      fromTable(writer, grid, runs);
    }
    result.complete(runs);
    return false;
  }

  private void fromTable(RunWriter writer, @Nullable Grid grid, List<Ledger.Unfinished> runs)
      throws SQLException {
    List<RunWriter.Taken> some;
    do {
      some = writer.takeOver(request);
      for (RunWriter.Taken taken : some) {
        RunId id = RunRow.id(taken.id());
        if (grid == null || (!live.holds(id) && grid.putBack(taken, request.self().toString()))) {
          add(taken, LiveRuns.Kept.ON_DISK, runs);
        } else if (!live.holds(id)) {
          // While this node was away another has taken it over, and has it in its own book.
          writer.forget(id);
        }
      }
    } while (runs.isEmpty() && !some.isEmpty());
  }

  private void add(RunWriter.Taken taken, LiveRuns.Kept kept, List<Ledger.Unfinished> runs) {
    try {
      Command command = RunRow.command(taken.command());
      RunRecord record = RunRow.record(taken.record());
      live.restore(command, record, taken.fence(), kept);
      runs.add(new Ledger.Unfinished(command, record));
    } catch (RuntimeException e) {
      // It stays this node's in the table, so that nobody is given it again and again.
      RunLog.of(LOG.atError(), RunRow.id(taken.id()))
          .setCause(e)
          .log("the run in the ledger cannot be read; it is left");
    }
  }

  @Override
  public void failed(Exception why) {
    result.tryFail(Readers.unavailable("the ledger cannot be written now"));
  }
}
