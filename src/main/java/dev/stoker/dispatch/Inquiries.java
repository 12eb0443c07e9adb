package dev.stoker.dispatch;

import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * Answers what is asked about a run: by this node where the run is its own, else by asking on.
 * Confined to the dispatcher's context.
 */
final class Inquiries {
  private static final Duration CANCEL_WRITTEN = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final DispatchParts parts;
  private final LiveRuns live;
  private final Elsewhere elsewhere;

  Inquiries(Vertx vertx, DispatchParts parts, LiveRuns live) {
    this.vertx = vertx;
    this.parts = parts;
    this.live = live;
    this.elsewhere = new Elsewhere(vertx, parts.members(), parts.ledger());
  }

  /** Has the changes of a run that is not this node's told here. */
  void watch(RunId run) {
    if (parts.members().isClustered() && live.get(run) == null) {
      elsewhere.watch(run);
    }
  }

  Future<RunRecord> find(RunId run) {
    LiveRun here = live.get(run);
    return here == null ? elsewhere.find(run) : Future.succeededFuture(here.record());
  }

  /** What this node knows by itself. */
  Future<RunRecord> findHere(RunId run) {
    LiveRun here = live.get(run);
    return here == null
        ? parts.ledger().find(run).map(found -> found.orElseThrow(() -> Elsewhere.notFound(run)))
        : Future.succeededFuture(here.record());
  }

  Future<RunRecord> await(RunId run, Duration patience) {
    if (patience.isNegative() || patience.isZero()) {
      return find(run);
    }
    LiveRun here = live.get(run);
    if (here == null) {
      return parts.members().isClustered() ? elsewhere.await(run, patience) : find(run);
    }
    long until = System.nanoTime() + patience.toNanos();
    return ended(here, patience)
        .recover(
            e ->
                live.isFenced(e)
                    ? elsewhere.await(run, Duration.ofNanos(until - System.nanoTime()))
                    : Future.failedFuture(e));
  }

  Future<RunRecord> awaitHere(RunId run, Duration patience) {
    LiveRun here = live.get(run);
    return here == null ? findHere(run) : ended(here, patience);
  }

  Future<RunRecord> ended(LiveRun run, Duration patience) {
    Promise<RunRecord> ended = Promise.promise();
    run.awaiting().add(ended);
    long timer =
        vertx.setTimer(
            Math.max(1, patience.toMillis()),
            id -> {
              run.awaiting().remove(ended);
              ended.tryComplete(run.record());
            });
    return ended.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  Future<RunRecord> cancel(RunId run, String reason) {
    return live.get(run) == null && parts.members().isClustered()
        ? elsewhere.cancel(run, reason)
        : cancelHere(run, reason);
  }

  Future<RunRecord> cancelHere(RunId run, String reason) {
    LiveRun here = live.get(run);
    if (here != null) {
      live.cancel(here, reason);
      return here.phase() == LiveRun.Phase.ENDING
          ? ended(here, CANCEL_WRITTEN)
          : Future.succeededFuture(here.record());
    }
    return findHere(run);
  }
}
