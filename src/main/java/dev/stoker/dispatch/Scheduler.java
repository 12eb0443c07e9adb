package dev.stoker.dispatch;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Tool;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which runs may wait, and which is next to run, and where. Not thread-safe: confined to the
 * dispatcher's context.
 *
 * <p>Invariant: every admitted run is either reserved, queued or out.
 */
final class Scheduler {
  private static final double NEWEST_WEIGHT = 0.1;
  private static final long OLDER_PAUSE_NANOS = 20_000_000;
  private static final long RETRY_SECONDS_MAX = 60;

  private final Fleet fleet;
  private final int queueMax;
  private final FairQueue<LiveRun> queue = new FairQueue<>();
  private final Set<LiveRun> waiting = new LinkedHashSet<>();
  private final Map<String, ToolLoad> loads = new HashMap<>();
  private int out;
  private int reserved;

  Scheduler(Fleet fleet, int queueMax) {
    this.fleet = fleet;
    this.queueMax = queueMax;
  }

  /**
   * Promises a run a place, in the queue or at once in a slot.
   *
   * @throws ServiceException CAPACITY_EXCEEDED with the time after which a place is likely
   */
  void reserve(Tool tool) {
    ToolLoad load = load(tool);
    int queueOfTool = tool.definition().concurrency().queue();
    if (load.waiting() >= queueOfTool + fleet.room(tool)) {
      throw full(
          "the queue of tool '" + tool.name() + "' is full (" + queueOfTool + " waiting)", load);
    }
    if (queue.size() + reserved >= queueMax + fleet.room()) {
      throw full("the queue of this node is full (" + queueMax + " waiting)", load);
    }
    load.reserved++;
    reserved++;
  }

  /** Gives a reserved place back unused. */
  void unreserve(LiveRun run) {
    load(run.tool()).reserved--;
    reserved--;
  }

  /** Puts a run that has a reserved place in the queue. */
  void enqueue(LiveRun run) {
    unreserve(run);
    enqueueUnreserved(run);
  }

  /** Puts a run in the queue that was accepted before: its place is not asked for. */
  void enqueueUnreserved(LiveRun run) {
    load(run.tool()).queued++;
    waiting.add(run);
    queue.add(run, run.command().principal().name(), run.tool().name(), run.command().priority());
  }

  /** A run and the node that it is to be placed on. */
  record Next(LiveRun run, NodeId node) {}

  /** Takes the next run out of the queue that any node has room for. */
  Optional<Next> next() {
    if (queue.size() == 0) {
      return Optional.empty();
    }
    Optional<LiveRun> next = queue.poll(this::hasRoom);
    if (next.isEmpty()) {
      return Optional.empty();
    }
    LiveRun run = next.get();
    ToolLoad load = load(run.tool());
    waiting.remove(run);
    load.queued--;
    Optional<NodeId> node = fleet.choose(run.tool());
    if (node.isEmpty()) {
      // It is of an older definition than the newest, which only this node still has.
      enqueueUnreserved(run);
      hold(run.tool(), System.nanoTime() + OLDER_PAUSE_NANOS);
      return next();
    }
    out++;
    return Optional.of(new Next(run, node.get()));
  }

  /** Has no run of the tool be next before {@code nanos}. */
  void hold(Tool tool, long nanos) {
    load(tool).heldUntilNanos = nanos;
  }

  /** Takes a run out of the queue for good. */
  boolean remove(LiveRun run) {
    boolean removed = queue.remove(run, run.command().principal().name(), run.tool().name());
    if (removed) {
      waiting.remove(run);
      load(run.tool()).queued--;
    }
    return removed;
  }

  /** A run that was {@link #next} is out no more; {@code took} is null when it never ran. */
  void freed(LiveRun run, @Nullable Duration took) {
    ToolLoad load = load(run.tool());
    out--;
    if (took != null) {
      double millis = took.toNanos() / 1e6;
      load.meanMillis =
          load.meanMillis == 0
              ? millis
              : load.meanMillis * (1 - NEWEST_WEIGHT) + millis * NEWEST_WEIGHT;
    }
  }

  /** The numbers of this moment. */
  Dispatcher.Load load() {
    long oldest = waiting.isEmpty() ? 0 : waiting.iterator().next().command().acceptedNanos();
    return new Dispatcher.Load(queue.size(), out, oldest);
  }

  /** A run that another node had placed is out here from now on. */
  void adopted() {
    out++;
  }

  private boolean hasRoom(String tool) {
    ToolLoad load = loads.get(tool);
    return load != null
        && (load.heldUntilNanos == 0 || System.nanoTime() >= load.heldUntilNanos)
        && fleet.choose(load.tool).isPresent();
  }

  private ServiceException full(String message, ToolLoad load) {
    int width = Math.max(1, fleet.width(load.tool));
    long seconds = (long) Math.ceil(load.meanMillis * load.waiting() / width / 1000);
    return ServiceException.retryable(
        ErrorCode.CAPACITY_EXCEEDED,
        message,
        Duration.ofSeconds(Math.clamp(seconds, 1L, RETRY_SECONDS_MAX)));
  }

  /** The bounds are the newest definition's. */
  private ToolLoad load(Tool tool) {
    ToolLoad load = loads.computeIfAbsent(tool.name(), name -> new ToolLoad(tool));
    load.tool = tool;
    return load;
  }

  private static final class ToolLoad {
    private Tool tool;
    private int reserved;
    private int queued;
    private double meanMillis;
    private long heldUntilNanos;

    ToolLoad(Tool tool) {
      this.tool = tool;
    }

    int waiting() {
      return reserved + queued;
    }
  }
}
