package dev.stoker.dispatch;

import dev.stoker.run.ErrorCode;
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
 * Which runs may wait, and which is next to run. Not thread-safe: confined to the dispatcher's
 * context.
 *
 * <p>Invariants: at most {@code slots} runs are out, and of each tool at most its {@code perNode};
 * every admitted run is either reserved, queued or out.
 */
final class Scheduler {
  private static final double NEWEST_WEIGHT = 0.1;
  private static final long RETRY_SECONDS_MAX = 60;

  private final int slots;
  private final int queueMax;
  private final FairQueue<LiveRun> queue = new FairQueue<>();
  private final Set<LiveRun> waiting = new LinkedHashSet<>();
  private final Map<String, ToolLoad> loads = new HashMap<>();
  private int out;
  private int reserved;

  Scheduler(int slots, int queueMax) {
    this.slots = slots;
    this.queueMax = queueMax;
  }

  /**
   * Promises a run a place, in the queue or at once in a slot.
   *
   * @throws ServiceException CAPACITY_EXCEEDED with the time after which a place is likely
   */
  void reserve(Tool tool) {
    ToolLoad load = load(tool);
    int freeSlots = slots - out;
    int freeOfTool = Math.min(freeSlots, load.perNode - load.out);
    if (load.waiting() >= load.queueMax + freeOfTool) {
      throw full(
          "the queue of tool '" + tool.name() + "' is full (" + load.queueMax + " waiting)", load);
    }
    if (queue.size() + reserved >= queueMax + freeSlots) {
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

  /** Takes the next run out of the queue and gives it a slot. */
  Optional<LiveRun> next() {
    if (out >= slots) {
      return Optional.empty();
    }
    Optional<LiveRun> next = queue.poll(this::hasRoom);
    next.ifPresent(
        run -> {
          ToolLoad load = load(run.tool());
          waiting.remove(run);
          load.queued--;
          load.out++;
          out++;
        });
    return next;
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
    load.out--;
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

  private boolean hasRoom(String tool) {
    ToolLoad load = loads.get(tool);
    return load != null && load.out < load.perNode;
  }

  private ServiceException full(String message, ToolLoad load) {
    int width = Math.max(1, Math.min(slots, load.perNode));
    long seconds = (long) Math.ceil(load.meanMillis * load.waiting() / width / 1000);
    return ServiceException.retryable(
        ErrorCode.CAPACITY_EXCEEDED,
        message,
        Duration.ofSeconds(Math.clamp(seconds, 1L, RETRY_SECONDS_MAX)));
  }

  /** The bounds are the newest definition's. */
  private ToolLoad load(Tool tool) {
    ToolLoad load = loads.computeIfAbsent(tool.name(), name -> new ToolLoad());
    load.perNode = tool.definition().concurrency().perNode();
    load.queueMax = tool.definition().concurrency().queue();
    return load;
  }

  private static final class ToolLoad {
    private int perNode;
    private int queueMax;
    private int reserved;
    private int queued;
    private int out;
    private double meanMillis;

    int waiting() {
      return reserved + queued;
    }
  }
}
