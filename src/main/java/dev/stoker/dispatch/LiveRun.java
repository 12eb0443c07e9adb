package dev.stoker.dispatch;

import dev.stoker.cache.CacheKey;
import dev.stoker.run.Command;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run that has not ended, and everyone who waits for it. Confined to the dispatcher's context.
 *
 * <pre>
 *   ACCEPTING ──▶ QUEUED ──▶ PLACED ──▶ ENDING ──▶ ENDED
 *       │           ▲  ▲        │
 *       │           │  └─ retry ┘
 *       └──▶ FOLLOWING ──▶ ENDING      (an equal run is under way; its result is this one's)
 * </pre>
 *
 * Every phase but ENDING and ENDED may end it: cancelled, or its deadline passed. Where another
 * node may take the run over, its end is written down (ENDING) before anyone hears of it.
 */
final class LiveRun {
  /** Where it stands. */
  enum Phase {
    ACCEPTING,
    QUEUED,
    FOLLOWING,
    PLACED,
    /** Its end is known and being written down; nothing changes it any more. */
    ENDING,
    ENDED
  }

  private final Command command;
  private final Tool tool;
  private final Invocation invocation;
  private final @Nullable CacheKey key;
  private final RunSpans spans;
  private final List<LiveRun> followers = new ArrayList<>(0);
  private final List<Promise<RunRecord>> awaiting = new ArrayList<>(0);
  private final Map<RunId, Promise<RunRecord>> joined = new HashMap<>(0);
  private Runnable whenForgotten = () -> {};

  private Phase phase = Phase.ACCEPTING;
  private RunRecord record;
  private @Nullable Promise<RunRecord> caller;
  private @Nullable LiveRun leader;
  private @Nullable Long timer;
  private @Nullable String cancelReason;
  private @Nullable NodeId executor;
  private int placement;
  private boolean begun;
  private long placedNanos;
  private long heardNanos;

  LiveRun(
      Command command,
      Tool tool,
      Invocation invocation,
      @Nullable CacheKey key,
      RunRecord record,
      RunSpans spans) {
    this.command = command;
    this.spans = spans;
    this.tool = tool;
    this.invocation = invocation;
    this.key = key;
    this.record = record;
  }

  Command command() {
    return command;
  }

  Tool tool() {
    return tool;
  }

  Invocation invocation() {
    return invocation;
  }

  /** Where its success is stored; null for nowhere. */
  @Nullable CacheKey key() {
    return key;
  }

  RunSpans spans() {
    return spans;
  }

  Phase phase() {
    return phase;
  }

  void enter(Phase next) {
    if (phase == Phase.ENDED) {
      throw new IllegalStateException("run " + command.id() + " has ended; it cannot be " + next);
    }
    spans.enter(phase, next);
    phase = next;
  }

  RunRecord record() {
    return record;
  }

  void record(RunRecord newer) {
    record = newer;
  }

  /** Who asked for it and waits; null for a detached run, and when they have gone. */
  @Nullable Promise<RunRecord> caller() {
    return caller;
  }

  void caller(@Nullable Promise<RunRecord> waiting) {
    caller = waiting;
  }

  /** Others who wait for its end. */
  List<Promise<RunRecord>> awaiting() {
    return awaiting;
  }

  /** Runs of other nodes that wait for this one's result, by their ids. */
  Map<RunId, Promise<RunRecord>> joined() {
    return joined;
  }

  /** The equal run whose result will be this one's. */
  @Nullable LiveRun leader() {
    return leader;
  }

  /** Waits for a run of another node. */
  void followElsewhere() {
    enter(Phase.FOLLOWING);
  }

  /** Has something done once when the run is over here; in place of what was to be done. */
  void whenForgotten(Runnable task) {
    whenForgotten = task;
  }

  Runnable whenForgotten() {
    return whenForgotten;
  }

  void follow(LiveRun other) {
    enter(Phase.FOLLOWING);
    leader = other;
    spans.joined(other.spans.context());
    other.followers.add(this);
  }

  void unfollow() {
    if (leader != null) {
      leader.followers.remove(this);
      leader = null;
    }
  }

  List<LiveRun> followers() {
    return followers;
  }

  /** It is asked of an executor; what an earlier one says of it is void from now on. */
  void placed(NodeId on) {
    enter(Phase.PLACED);
    executor = on;
    placement++;
    begun = false;
    placedNanos = System.nanoTime();
    heardNanos = placedNanos;
    spans.place(on, record.attempt() + 1, placement);
  }

  /** Its executor has said that it has it. */
  void heard() {
    heardNanos = System.nanoTime();
  }

  /** Since when its executor has said nothing of it. */
  long heardNanos() {
    return heardNanos;
  }

  /** It is on that executor already, begun, as another home had placed it. */
  void adopted(NodeId on) {
    placed(on);
    begun = true;
  }

  /** Where it was placed last; null before. */
  @Nullable NodeId executor() {
    return executor;
  }

  int placement() {
    return placement;
  }

  /** Whether the news are of the placement that counts. */
  boolean isPlacement(int number) {
    return phase == Phase.PLACED && placement == number;
  }

  /** Whether its newest placement is on that node. */
  boolean isPlacedOn(NodeId node) {
    return phase == Phase.PLACED && node.equals(executor);
  }

  /** Since when it is placed. */
  long placedNanos() {
    return placedNanos;
  }

  /** Whether its process may exist. */
  boolean begun() {
    return begun;
  }

  void begin() {
    begun = true;
  }

  @Nullable Long timer() {
    return timer;
  }

  void timer(@Nullable Long id) {
    timer = id;
  }

  /** Why it is to end, once somebody has asked for that. */
  @Nullable String cancelReason() {
    return cancelReason;
  }

  void cancelling(String reason) {
    cancelReason = reason;
  }

  /**
   * Whether somebody still has a use for it. Who gave it an idempotency key has said that they will
   * come back for it.
   */
  boolean isWanted() {
    return command.isDurable() || caller != null || !followers.isEmpty() || !joined.isEmpty();
  }
}
