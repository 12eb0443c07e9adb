package dev.stoker.dispatch;

import dev.stoker.blob.Blob;
import dev.stoker.cache.CacheKey;
import dev.stoker.cache.CachedResult;
import dev.stoker.dispatch.DispatchMessage.LeaderTrace;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Origin;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each command whether a result is there, an equal run is under way, or a run of its
 * own is admitted. Confined to the dispatcher's context.
 */
final class Intake {
  private static final Duration STOPPING = Duration.ofSeconds(1);

  private final DispatchParts parts;
  private final LiveRuns live;
  private final Inquiries inquiries;
  private final Flights flights;
  private final Submissions submissions;
  private final BooleanSupplier draining;

  /**
   * @param draining whether nothing is taken any more
   */
  Intake(
      Vertx vertx,
      DispatchParts parts,
      LiveRuns live,
      Inquiries inquiries,
      BooleanSupplier draining) {
    this.parts = parts;
    this.live = live;
    this.inquiries = inquiries;
    this.draining = draining;
    this.submissions = new Submissions(parts.audit(), live);
    this.flights = new Flights(vertx, parts, live, this::stored);
  }

  /** Another node's run waits for one of this node's. */
  Future<RunRecord> joined(RunId run, RunId follower, Duration patience) {
    LiveRun here = live.get(run);
    return here == null || here.cancelReason() != null
        ? Future.failedFuture(Elsewhere.notFound(run))
        : flights.joinedBy(here, follower, patience);
  }

  /** What a run of this node is done under. */
  Future<LeaderTrace> traceOf(RunId run) {
    LiveRun here = live.get(run);
    return here == null
        ? Future.failedFuture(Elsewhere.notFound(run))
        : Future.succeededFuture(new LeaderTrace(here.spans().context()));
  }

  /** Answers a command: with a result that is there, an equal run's, or a run of its own. */
  Future<RunRecord> submit(Command command, Tool tool, Origin origin) {
    return submissions.watch(command, origin, () -> decide(command, tool));
  }

  private Future<RunRecord> decide(Command command, Tool tool) {
    RunSpans spans = RunSpans.begin(parts.tracing(), command);
    try {
      refuseWhatCannotRun(tool);
      Command.IdempotencyKey key = command.idempotencyKey();
      if (key == null) {
        return fresh(command, tool, spans).onFailure(e -> refused(command, spans, e));
      }
      // It has an entry, whether its run is new or known.
      parts.audit().require();
      return parts
          .ledger()
          .findByKey(command.principal(), command.tool(), key)
          .compose(
              known ->
                  known.isPresent()
                      ? again(known.get(), command)
                          .onSuccess(run -> spans.found(run.cache(), run.state()))
                      : fresh(command, tool, spans))
          .onFailure(e -> refused(command, spans, e));
    } catch (ServiceException e) {
      refused(command, spans, e);
      return Future.failedFuture(e);
    }
  }

  private void refused(Command command, RunSpans spans, Throwable e) {
    ErrorCode code = e instanceof ServiceException told ? told.code() : ErrorCode.INTERNAL;
    parts.metrics().refused(command.tool(), code.label());
    spans.abandoned(code.label(), e.getMessage());
  }

  private void refuseWhatCannotRun(Tool tool) {
    if (draining.getAsBoolean()) {
      throw ServiceException.retryable(
          ErrorCode.SHUTTING_DOWN, "this node takes no more commands", STOPPING);
    }
    if (tool.availability() instanceof Availability.Unavailable(String reason)
        && !live.fleet().canRun(tool)) {
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "tool '" + tool.name() + "' cannot run here: " + reason);
    }
  }

  /** The run that an idempotency key has named before. */
  private Future<RunRecord> again(RunId run, Command command) {
    return command.delivery() == Delivery.DETACHED
        ? inquiries.find(run)
        : inquiries.await(run, command.remaining(System.nanoTime()));
  }

  private Future<RunRecord> fresh(Command command, Tool tool, RunSpans spans) {
    Invocation invocation = tool.bind(command.parameters(), command.inputs().keySet());
    if (tool.definition().cache() == null
        || command.cacheControl() == CacheControl.NO_STORE
        || !(tool.availability() instanceof Availability.Available)) {
      parts.audit().require();
      return admit(run(command, tool, invocation, null, CacheUse.BYPASS, spans));
    }
    CacheKey key = CacheKey.of(command, tool, invocation);
    if (command.cacheControl() == CacheControl.NO_CACHE) {
      parts.audit().require();
      return admit(run(command, tool, invocation, key, CacheUse.BYPASS, spans));
    }
    Optional<CachedResult> stored = parts.cache().get(key).filter(this::hasItsFiles);
    if (stored.isPresent()) {
      return hit(command, stored.get().run(), CacheUse.HIT, spans);
    }
    if (!parts.members().isClustered()) {
      return miss(command, tool, invocation, key, spans);
    }
    return stored(key)
        .compose(
            found ->
                found.isPresent()
                    ? hit(command, found.get(), CacheUse.CLUSTER_HIT, spans)
                    : miss(command, tool, invocation, key, spans));
  }

  /** What the cluster has stored, with its files here. */
  private Future<Optional<RunRecord>> stored(CacheKey key) {
    return parts
        .cache()
        .fetch(key)
        .compose(this::withItsFiles)
        .map(found -> found.map(CachedResult::run));
  }

  private Future<RunRecord> miss(
      Command command, Tool tool, Invocation invocation, CacheKey key, RunSpans spans) {
    parts.audit().require();
    if (command.delivery() == Delivery.STREAM) {
      return admit(run(command, tool, invocation, null, CacheUse.BYPASS, spans));
    }
    LiveRun own = run(command, tool, invocation, key, CacheUse.MISS, spans);
    Optional<LiveRun> leader = live.admission().leaderOf(key, own);
    if (leader.isPresent()) {
      own.record(own.record().with(CacheUse.COLLAPSED));
      parts.metrics().cacheHit(tool.name(), "collapsed");
      return live.admission().join(own, leader.get(), id -> again(id, command));
    }
    if (parts.members().isClustered()) {
      return flights.fly(own, id -> again(id, command));
    }
    parts.metrics().cacheMiss(tool.name());
    return admit(own);
  }

  private Future<RunRecord> admit(LiveRun run) {
    return live.admission().admit(run, id -> again(id, run.command()));
  }

  private static LiveRun run(
      Command command,
      Tool tool,
      Invocation invocation,
      @Nullable CacheKey key,
      CacheUse use,
      RunSpans spans) {
    return new LiveRun(command, tool, invocation, key, RunRecord.queued(command, use), spans);
  }

  /** A file may have been removed since: somebody has written to it, say. */
  private boolean hasItsFiles(CachedResult result) {
    return result.run().blobs().allMatch(blob -> parts.blobs().find(blob).isPresent());
  }

  /** The same for a result of another node, whose files are there or can be brought. */
  private Future<Optional<CachedResult>> withItsFiles(Optional<CachedResult> found) {
    if (found.isEmpty() || hasItsFiles(found.get())) {
      return Future.succeededFuture(found);
    }
    RunRecord run = found.get().run();
    List<Future<Optional<Blob>>> brought =
        run.blobs().map(blob -> parts.peers().obtain(blob, run.node())).toList();
    return Future.join(brought)
        .transform(
            all ->
                Future.succeededFuture(
                    all.succeeded() && hasItsFiles(found.get()) ? found : Optional.empty()));
  }

  private Future<RunRecord> hit(Command command, RunRecord result, CacheUse use, RunSpans spans) {
    if (command.isDurable() || parts.audit().tellsHits()) {
      parts.audit().require();
    }
    spans.found(use, result.state());
    parts.metrics().cacheHit(command.tool(), use == CacheUse.HIT ? "local" : "cluster");
    if (!command.isDurable()) {
      return Future.succeededFuture(result.with(use));
    }
    RunRecord own = result.as(command, use, Instant.now());
    return parts
        .ledger()
        .accept(command, RunRecord.queued(command, use))
        .compose(
            id ->
                id.equals(command.id())
                    ? parts.ledger().update(command, own).map(own)
                    : again(id, command));
  }
}
