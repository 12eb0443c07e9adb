package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
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
  private final Promise<List<Ledger.Unfinished>> result;

  /**
   * @param result told on the writer's thread
   */
  TakeOver(Request request, LiveRuns live, Promise<List<Ledger.Unfinished>> result) {
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
    for (RunWriter.Taken taken : writer.takeOver(request)) {
      try {
        Command command = RunRow.command(taken.command());
        RunRecord record = RunRow.record(taken.record());
        live.restore(command, record, taken.fence());
        runs.add(new Ledger.Unfinished(command, record));
      } catch (RuntimeException e) {
        // It stays this node's in the table, so that nobody is given it again and again.
        LOG.error("run {} in the ledger cannot be read; it is left", RunRow.id(taken.id()), e);
      }
    }
    result.complete(runs);
    return false;
  }

  @Override
  public void failed(Exception why) {
    result.tryFail(Readers.unavailable("the ledger cannot be written now"));
  }
}
