package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.dispatch.DispatchMessage.Changed;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.telemetry.Metrics;
import io.vertx.core.eventbus.EventBus;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells everyone who listens, the log and the metrics what became of a run. Confined to the
 * dispatcher's context.
 */
final class RunNews {
  private final EventBus bus;
  private final Metrics metrics;

  private final boolean clustered;
  private final Map<RunId, Set<NodeId>> watchers = new HashMap<>();

  RunNews(EventBus bus, Metrics metrics, boolean clustered) {
    this.bus = bus;
    this.metrics = metrics;
    this.clustered = clustered;
  }

  /** Where event-bus clients hear of a run. */
  static String publicAddress(RunId run) {
    return "stoker.runs." + run;
  }

  /** Tells another node too, until the run has ended. */
  void watch(RunId run, NodeId watcher) {
    watchers.computeIfAbsent(run, id -> new HashSet<>(2)).add(watcher);
  }

  /** The run is another node's by now. */
  void forget(RunId run) {
    watchers.remove(run);
  }

  /** A run is in another state. */
  void changed(RunRecord record) {
    here(record);
    if (clustered) {
      bus.publish(publicAddress(record.id()), RunJson.encode(record));
      Set<NodeId> elsewhere =
          record.state().isTerminal() ? watchers.remove(record.id()) : watchers.get(record.id());
      if (elsewhere != null) {
        elsewhere.forEach(node -> bus.send(Runs.address(node), new Changed(record)));
      }
    }
  }

  /** A run, of whichever node, is in another state: who watches it here hears so. */
  void here(RunRecord record) {
    Bus.publishHere(bus, Runs.newsAddress(record.id()), record);
  }

  /** A run of this node's has ended: to be counted, and then told with {@link #ended}. */
  void count(Command command, RunRecord record) {
    Duration whole = Duration.ofNanos(System.nanoTime() - command.acceptedNanos());
    metrics.runEnded(record.tool(), record.state().label(), whole, command.trace());
  }

  /** A run ends that no node has had a slot for. */
  void waitedInVain(Command command) {
    Duration wait = Duration.ofNanos(System.nanoTime() - command.acceptedNanos());
    metrics.waitedInVain(command.tool(), wait, command.trace());
  }

  /** A run has ended. One line in the log, where its level is on. */
  void ended(LiveRun run, RunRecord record) {
    metrics.over(record.id());
    changed(record);
    EndLine.log(run.command(), run.placedNanos(), record);
  }

  /** A run that its former home did not end has ended, and was never live here. */
  void recovered(Command command, RunRecord record) {
    Instant finished = record.finishedAt();
    Duration whole =
        finished == null ? Duration.ZERO : Duration.between(record.submittedAt(), finished);
    // By the clocks of two nodes.
    Duration counted = whole.isNegative() ? Duration.ZERO : whole;
    metrics.runEnded(record.tool(), record.state().label(), counted, command.trace());
    changed(record);
    EndLine.log(command, 0, record);
  }
}
