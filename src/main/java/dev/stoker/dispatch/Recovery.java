package dev.stoker.dispatch;

import dev.stoker.ledger.Ledger.Unfinished;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunLog;
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
 * Decides what becomes of a run that its former home did not end. Confined to the dispatcher's
 * context.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final DispatchParts parts;
  private final LiveRuns live;
  private final RunNews news;

  Recovery(DispatchParts parts, LiveRuns live, RunNews news) {
    this.parts = parts;
    this.live = live;
    this.news = news;
  }

  /** Queues it anew, goes on with it where it runs, or writes down how it ended. */
  void take(Unfinished unfinished) {
    Command command = unfinished.command();
    RunRecord record = unfinished.record();
    Outcome lost = new Outcome.Lost("the node that it was on was restarted or is gone");
    if (!command.isDurable()) {
      end(command, record, lost);
      return;
    }
    Optional<Tool> tool = parts.catalog().find(command.tool());
    if (tool.isEmpty()) {
      end(command, record, new Outcome.SandboxFailed("its tool is no longer in the catalog"));
      return;
    }
    boolean begun = record.state() != RunState.QUEUED;
    Optional<NodeId> executor = begun ? executor(record) : Optional.empty();
    if (executor.isPresent()) {
      adopt(command, record, tool.get(), executor.get());
      return;
    }
    if (record.state() == RunState.CANCELLING) {
      end(command, record, new Outcome.Cancelled("cancelled; its node is gone"));
      return;
    }
    if (begun && !tool.get().definition().retry().after(lost, record.attempt())) {
      end(command, record, lost);
      return;
    }
    queue(command, begun ? record.requeued() : record, tool.get());
  }

  /** A node of this cluster on which it may still run; this one too may have run it for another. */
  private Optional<NodeId> executor(RunRecord record) {
    if (!parts.members().isClustered()) {
      return Optional.empty();
    }
    return parts.members().nodes().stream()
        .filter(node -> node.name().equals(record.node()))
        .findFirst();
  }

  private void adopt(Command command, RunRecord record, Tool tool, NodeId executor) {
    bound(command, record, tool)
        .ifPresent(
            run -> {
              if (record.state() == RunState.CANCELLING) {
                run.cancelling("cancelled");
              }
              live.adopt(run, executor);
            });
  }

  private void queue(Command command, RunRecord record, Tool tool) {
    bound(command, record, tool).ifPresent(live::resume);
  }

  private Optional<LiveRun> bound(Command command, RunRecord record, Tool tool) {
    try {
      // The catalog may have changed since.
      tool.check(command.parameters());
      Invocation invocation = tool.bind(command.parameters(), command.inputs().keySet());
      return Optional.of(
          new LiveRun(
              command, tool, invocation, null, record, RunSpans.begin(parts.tracing(), command)));
    } catch (ServiceException e) {
      end(command, record, new Outcome.SandboxFailed(String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private void end(Command command, RunRecord record, Outcome outcome) {
    parts.permits().give(record.tool(), record.id());
    RunRecord ended = record.ended(outcome, Instant.now());
    parts
        .ledger()
        .update(command, ended)
        .onSuccess(written -> news.recovered(command, ended))
        .onFailure(
            e ->
                RunLog.of(LOG.atError(), command)
                    .setCause(e)
                    .log("the end of the run is not written down"));
  }
}
