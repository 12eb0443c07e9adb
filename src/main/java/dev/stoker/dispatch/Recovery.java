package dev.stoker.dispatch;

import dev.stoker.ledger.Ledger.Unfinished;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of the runs that an earlier life of this node did not end. Confined to the
 * dispatcher's context.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final DispatchParts parts;
  private final LiveRuns live;

  Recovery(DispatchParts parts, LiveRuns live) {
    this.parts = parts;
    this.live = live;
  }

  /** Queues it anew, or writes down how it ended. */
  void take(Unfinished unfinished) {
    Command command = unfinished.command();
    RunRecord record = unfinished.record();
    Outcome lost = new Outcome.Lost("Stoker was restarted while it was under way");
    if (command.delivery() != Delivery.DETACHED && command.idempotencyKey() == null) {
      end(command, record, lost);
      return;
    }
    if (record.state() == RunState.CANCELLING) {
      end(command, record, new Outcome.Cancelled("cancelled; Stoker was restarted meanwhile"));
      return;
    }
    Optional<Tool> tool = parts.catalog().find(command.tool());
    if (tool.isEmpty()) {
      end(command, record, new Outcome.SandboxFailed("its tool is no longer in the catalog"));
      return;
    }
    boolean begun = record.state() != RunState.QUEUED;
    if (begun && !tool.get().definition().retry().after(lost, record.attempt())) {
      end(command, record, lost);
      return;
    }
    queue(command, begun ? record.requeued() : record, tool.get());
  }

  private void queue(Command command, RunRecord record, Tool tool) {
    try {
      // The catalog may have changed since.
      tool.check(command.parameters());
      Invocation invocation = tool.bind(command.parameters(), command.inputs().keySet());
      live.resume(new LiveRun(command, tool, invocation, null, record));
    } catch (ServiceException e) {
      end(command, record, new Outcome.SandboxFailed(String.valueOf(e.getMessage())));
    }
  }

  private void end(Command command, RunRecord record, Outcome outcome) {
    parts
        .ledger()
        .update(command, record.ended(outcome, Instant.now()))
        .onFailure(e -> LOG.error("the end of run {} is not written down", record.id(), e));
  }
}
