package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.cache.CacheKey;
import dev.stoker.cache.CachedResult;
import dev.stoker.dispatch.DispatchMessage.Await;
import dev.stoker.dispatch.DispatchMessage.Cancel;
import dev.stoker.dispatch.DispatchMessage.Find;
import dev.stoker.dispatch.DispatchMessage.Leave;
import dev.stoker.dispatch.DispatchMessage.Submit;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Captured;
import dev.stoker.run.Command;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each command whether a result is there, an equal run is under way, or a run of its
 * own is admitted. A verticle, one a node; confined to its context, but for the gauges.
 */
public final class Dispatcher extends VerticleBase {
  private static final int RECOVERED_AT_ONCE = 1000;
  private static final Duration STOPPING = Duration.ofSeconds(1);

  private final DispatchSettings settings;
  private final DispatchParts parts;
  private @Nullable LiveRuns runs;
  private volatile boolean draining;

  public Dispatcher(DispatchSettings settings, DispatchParts parts) {
    this.settings = settings;
    this.parts = parts;
  }

  @Override
  public Future<?> start() {
    LiveRuns live = new LiveRuns(vertx, settings, parts);
    runs = live;
    Recovery recovery = new Recovery(parts, live);
    return parts
        .ledger()
        .orphaned(Set.of())
        .compose(homes -> recover(recovery, List.copyOf(homes)))
        .onSuccess(
            recovered -> {
              vertx
                  .eventBus()
                  .<DispatchMessage>consumer(Runs.ADDRESS, message -> onMessage(live, message));
              live.listen();
              live.pump();
            });
  }

  /** Takes all runs of nodes that are gone, of the first first. */
  private Future<Void> recover(Recovery recovery, List<NodeId> homes) {
    if (homes.isEmpty()) {
      return Future.succeededFuture();
    }
    return parts
        .ledger()
        .takeOver(homes.getFirst(), RECOVERED_AT_ONCE)
        .compose(
            unfinished -> {
              unfinished.forEach(recovery::take);
              return recover(
                  recovery, unfinished.isEmpty() ? homes.subList(1, homes.size()) : homes);
            });
  }

  /** Takes no more commands; what runs goes on. Thread-safe. */
  public void drain() {
    draining = true;
  }

  /** Whether {@link #drain} was called. Thread-safe. */
  public boolean draining() {
    return draining;
  }

  /** How many wait and run. Thread-safe; a moment old. */
  public Load load() {
    LiveRuns live = runs;
    return live == null ? Load.NONE : live.load();
  }

  private void onMessage(LiveRuns live, Message<DispatchMessage> message) {
    switch (message.body()) {
      case Submit(Command command, Tool tool) -> Bus.answer(message, submit(live, command, tool));
      case Find(RunId run) -> Bus.answer(message, find(live, run));
      case Await(RunId run, Duration patience) -> Bus.answer(message, await(live, run, patience));
      case Cancel(RunId run, String reason) -> Bus.answer(message, cancel(live, run, reason));
      case Leave(RunId command) -> live.leave(command);
    }
  }

  private Future<RunRecord> submit(LiveRuns live, Command command, Tool tool) {
    try {
      refuseWhatCannotRun(tool);
      Command.IdempotencyKey key = command.idempotencyKey();
      if (key == null) {
        return fresh(live, command, tool);
      }
      return parts
          .ledger()
          .findByKey(command.principal(), command.tool(), key)
          .compose(
              known ->
                  known.isPresent()
                      ? again(live, known.get(), command)
                      : fresh(live, command, tool))
          .onFailure(e -> refused(command, e));
    } catch (ServiceException e) {
      refused(command, e);
      return Future.failedFuture(e);
    }
  }

  private void refused(Command command, Throwable e) {
    String code =
        e instanceof ServiceException expected ? expected.code().name() : ErrorCode.INTERNAL.name();
    parts.metrics().refused(command.tool(), code.toLowerCase(Locale.ROOT));
  }

  private void refuseWhatCannotRun(Tool tool) {
    if (draining) {
      throw ServiceException.retryable(
          ErrorCode.SHUTTING_DOWN, "this node takes no more commands", STOPPING);
    }
    if (tool.availability() instanceof Availability.Unavailable(String reason)) {
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "tool '" + tool.name() + "' cannot run here: " + reason);
    }
  }

  /** The run that an idempotency key has named before. */
  private Future<RunRecord> again(LiveRuns live, RunId run, Command command) {
    return command.delivery() == Delivery.DETACHED
        ? find(live, run)
        : await(live, run, command.remaining(System.nanoTime()));
  }

  private Future<RunRecord> fresh(LiveRuns live, Command command, Tool tool) {
    Invocation invocation = tool.bind(command.parameters(), command.inputs().keySet());
    if (tool.definition().cache() == null || command.cacheControl() == CacheControl.NO_STORE) {
      return live.admit(
          run(command, tool, invocation, null, CacheUse.BYPASS), id -> again(live, id, command));
    }
    CacheKey key = CacheKey.of(command, tool, invocation);
    if (command.cacheControl() == CacheControl.NO_CACHE) {
      return live.admit(
          run(command, tool, invocation, key, CacheUse.BYPASS), id -> again(live, id, command));
    }
    Optional<CachedResult> stored = parts.cache().get(key).filter(this::hasItsFiles);
    if (stored.isPresent()) {
      return hit(live, command, stored.get().run());
    }
    if (command.delivery() == Delivery.STREAM) {
      return live.admit(
          run(command, tool, invocation, null, CacheUse.BYPASS), id -> again(live, id, command));
    }
    LiveRun own = run(command, tool, invocation, key, CacheUse.MISS);
    Optional<LiveRun> leader = live.leaderOf(key, own);
    if (leader.isPresent()) {
      own.record(own.record().with(CacheUse.COLLAPSED));
      parts.metrics().cacheHit(tool.name(), "collapsed");
      return live.join(own, leader.get(), id -> again(live, id, command));
    }
    parts.metrics().cacheMiss(tool.name());
    return live.admit(own, id -> again(live, id, command));
  }

  private static LiveRun run(
      Command command, Tool tool, Invocation invocation, @Nullable CacheKey key, CacheUse use) {
    return new LiveRun(command, tool, invocation, key, RunRecord.queued(command, use));
  }

  /** A file may have been removed since: somebody has written to it, say. */
  private boolean hasItsFiles(CachedResult result) {
    RunRecord run = result.run();
    return run.outputs().values().stream()
            .allMatch(file -> parts.blobs().find(file.blob()).isPresent())
        && isKept(run.stdout())
        && isKept(run.stderr());
  }

  private boolean isKept(Captured captured) {
    return captured.blob() == null || parts.blobs().find(captured.blob()).isPresent();
  }

  private Future<RunRecord> hit(LiveRuns live, Command command, RunRecord result) {
    parts.metrics().cacheHit(command.tool(), "local");
    if (command.delivery() != Delivery.DETACHED && command.idempotencyKey() == null) {
      return Future.succeededFuture(result.with(CacheUse.HIT));
    }
    RunRecord own = result.as(command, CacheUse.HIT, Instant.now());
    return parts
        .ledger()
        .accept(command, RunRecord.queued(command, CacheUse.HIT))
        .compose(
            id ->
                id.equals(command.id())
                    ? parts.ledger().update(command, own).map(own)
                    : again(live, id, command));
  }

  private Future<RunRecord> find(LiveRuns live, RunId run) {
    Optional<LiveRun> here = live.find(run);
    return here.isPresent()
        ? Future.succeededFuture(here.get().record())
        : parts
            .ledger()
            .find(run)
            .map(
                found ->
                    found.orElseThrow(
                        () ->
                            new ServiceException(
                                ErrorCode.RUN_NOT_FOUND, "there is no run " + run)));
  }

  private Future<RunRecord> await(LiveRuns live, RunId run, Duration patience) {
    Optional<LiveRun> here = live.find(run);
    if (here.isEmpty() || patience.isNegative() || patience.isZero()) {
      return find(live, run);
    }
    Promise<RunRecord> ended = Promise.promise();
    here.get().awaiting().add(ended);
    long timer =
        vertx.setTimer(
            Math.max(1, patience.toMillis()),
            id -> {
              here.get().awaiting().remove(ended);
              ended.tryComplete(here.get().record());
            });
    return ended.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private Future<RunRecord> cancel(LiveRuns live, RunId run, String reason) {
    Optional<LiveRun> here = live.find(run);
    here.ifPresent(found -> live.cancel(found, reason));
    return find(live, run);
  }

  /** How much this node has to do. Immutable. */
  public record Load(int queued, int running, long oldestAcceptedNanos) {
    static final Load NONE = new Load(0, 0, 0);

    /** How long the oldest has waited; zero when none waits. */
    public Duration oldestAge() {
      return queued == 0
          ? Duration.ZERO
          : Duration.ofNanos(System.nanoTime() - oldestAcceptedNanos);
    }
  }
}
