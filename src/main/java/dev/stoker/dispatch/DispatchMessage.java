package dev.stoker.dispatch;

import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.Origin;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.TraceContext;
import dev.stoker.tool.Tool;
import java.time.Duration;

/** What a dispatcher is told. Immutable. */
sealed interface DispatchMessage {
  /** What this node's own callers ask; answered with a run's record, but for {@link Leave}. */
  sealed interface OfCaller extends DispatchMessage {}

  record Submit(Command command, Tool tool, Origin origin) implements OfCaller {}

  record Find(RunId run) implements OfCaller {}

  /** Answered when the run has ended, or with the record as it is after {@code patience}. */
  record Await(RunId run, Duration patience) implements OfCaller {}

  record Cancel(RunId run, String reason) implements OfCaller {}

  /** The caller of {@link Submit} with this id has gone away. */
  record Leave(RunId command) implements OfCaller {}

  /** Someone here wants to hear of the run's changes, whichever node it belongs to. No answer. */
  record Watch(RunId run) implements OfCaller {}

  /** What other nodes' dispatchers ask: it is not passed on. */
  sealed interface OfPeer extends DispatchMessage {}

  record FindHere(RunId run) implements OfPeer {}

  record AwaitHere(RunId run, Duration patience) implements OfPeer {}

  record CancelHere(RunId run, String reason) implements OfPeer {}

  /**
   * A run of another node waits for this one's result: it is wanted as long as it does. Answered
   * with the record once it has ended.
   *
   * @param follower the other node's run
   */
  record Join(RunId run, RunId follower, Duration patience) implements OfPeer {}

  /** What a run that was joined is done under; answered with {@link LeaderTrace}. */
  record WhichTrace(RunId run) implements OfPeer {}

  /** The answer. */
  record LeaderTrace(TraceContext trace) {}

  /** It does not wait any more. No answer. */
  record LeaveJoin(RunId run, RunId follower) implements OfPeer {}

  /** Tell {@code watcher} of each change of the run. No answer. */
  record WatchHere(RunId run, NodeId watcher) implements OfPeer {}

  /** A run that was watched is in another state. No answer. */
  record Changed(RunRecord record) implements OfPeer {}

  /** Runs have been given up for anyone to take. No answer. */
  record HandedOver() implements OfPeer {}

  /** What a node has waiting; told to all, now and then. No answer. */
  record Waiting(NodeId node, int queued, Duration oldest) implements OfPeer {}
}
