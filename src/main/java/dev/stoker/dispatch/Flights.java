package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.cache.CacheKey;
import dev.stoker.cache.ResultCache.Flight;
import dev.stoker.dispatch.DispatchMessage.Join;
import dev.stoker.dispatch.DispatchMessage.LeaderTrace;
import dev.stoker.dispatch.DispatchMessage.LeaveJoin;
import dev.stoker.dispatch.DispatchMessage.WhichTrace;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.run.CacheUse;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process for equal commands in the whole cluster: who leads a key here asks whether a run of
 * another node leads it everywhere, and waits for that one's result. Confined to the dispatcher's
 * context.
 */
final class Flights {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);
  private static final Duration MARGIN = Duration.ofSeconds(3);
  private static final Duration SLICE = Duration.ofSeconds(2);
  private static final long AGAIN_MILLIS = 100;

  private final Vertx vertx;
  private final DispatchParts parts;
  private final LiveRuns live;
  private final Function<CacheKey, Future<Optional<RunRecord>>> stored;

  /**
   * @param stored what the cache has, with its files
   */
  Flights(
      Vertx vertx,
      DispatchParts parts,
      LiveRuns live,
      Function<CacheKey, Future<Optional<RunRecord>>> stored) {
    this.stored = stored;
    live.onNextLeader(this::again);
    this.vertx = vertx;
    this.parts = parts;
    this.live = live;
  }

  /** Has a run that leads its key here admitted, or wait for the one that leads it elsewhere. */
  Future<RunRecord> fly(LiveRun run, Function<RunId, Future<RunRecord>> elsewhere) {
    live.add(run);
    return parts
        .cache()
        .claim(key(run), run.command().id())
        .compose(
            flight -> {
              if (run.phase() == Phase.ENDED) {
                return Future.succeededFuture(run.record());
              }
              if (flight.isEmpty()) {
                return stored.apply(key(run)).compose(found -> lead(run, found, elsewhere));
              }
              run.record(run.record().with(CacheUse.COLLAPSED));
              parts.metrics().cacheHit(run.tool().name(), "collapsed");
              return live.admission().joinElsewhere(run, elsewhere, () -> join(run, flight.get()));
            });
  }

  /** The one that led before may have ended, and stored its result, while this one was asking. */
  private Future<RunRecord> lead(
      LiveRun run, Optional<RunRecord> found, Function<RunId, Future<RunRecord>> elsewhere) {
    if (run.phase() == Phase.ENDED) {
      return Future.succeededFuture(run.record());
    }
    if (found.isPresent()) {
      parts.metrics().cacheHit(run.tool().name(), "collapsed");
      return live.admission()
          .joinElsewhere(
              run,
              elsewhere,
              () -> {
                run.followElsewhere();
                live.giveElsewhere(run, found.get());
              });
    }
    parts.metrics().cacheMiss(run.tool().name());
    return live.admission().admit(run, elsewhere);
  }

  private void join(LiveRun run, Flight flight) {
    run.followElsewhere();
    run.whenForgotten(() -> left(run, flight));
    if (run.spans().isRecorded()) {
      // A question of its own: its answer may be late, or not come from an older node.
      Bus.<LeaderTrace>request(
              vertx.eventBus(), Runs.address(flight.home()), new WhichTrace(flight.run()), SLICE)
          .onSuccess(leader -> run.spans().joined(leader.trace()));
    }
    ask(run, flight);
  }

  /** In slices: that a node is gone is told to nobody who waits for its answer. */
  private void ask(LiveRun run, Flight flight) {
    Duration left = run.command().remaining(System.nanoTime());
    Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
    Bus.<RunRecord>request(
            vertx.eventBus(),
            Runs.address(flight.home()),
            new Join(flight.run(), run.command().id(), slice),
            slice.plus(MARGIN))
        .onComplete(result -> joined(run, flight, result), e -> missed(run, flight, e));
  }

  private void joined(LiveRun run, Flight flight, RunRecord result) {
    if (run.phase() != Phase.FOLLOWING) {
      return;
    }
    if (!result.state().isTerminal()) {
      ask(run, flight);
    } else if (LiveRuns.isShared(result)) {
      live.giveElsewhere(run, result);
    } else {
      RunLog.of(LOG.atDebug(), run.command())
          .log("run {} of {} ended as {}", flight.run(), flight.home(), result.state());
      again(run);
    }
  }

  private void missed(LiveRun run, Flight flight, Throwable e) {
    if (run.phase() != Phase.FOLLOWING) {
      return;
    }
    RunLog.of(LOG.atDebug(), run.command())
        .setCause(e)
        .log("run {} of {} brings no result", flight.run(), flight.home());
    if (e instanceof ServiceException failed && failed.code() == ErrorCode.RUN_NOT_FOUND) {
      // It has ended, and its lead was not given up, or not yet.
      parts.cache().release(key(run), flight.run());
    }
    vertx.setTimer(AGAIN_MILLIS, id -> again(run));
  }

  private void left(LiveRun run, Flight flight) {
    vertx
        .eventBus()
        .send(Runs.address(flight.home()), new LeaveJoin(flight.run(), run.command().id()));
  }

  /** The one that led is gone: of those who waited for it one leads, unless the result is there. */
  private void again(LiveRun run) {
    if (run.phase() != Phase.FOLLOWING) {
      return;
    }
    run.whenForgotten(() -> {});
    stored
        .apply(key(run))
        .onSuccess(
            found -> {
              if (run.phase() != Phase.FOLLOWING) {
                return;
              }
              if (found.isPresent()) {
                live.giveElsewhere(run, found.get());
              } else {
                claim(run);
              }
            });
  }

  private void claim(LiveRun run) {
    parts
        .cache()
        .claim(key(run), run.command().id())
        .onSuccess(
            flight -> {
              if (run.phase() != Phase.FOLLOWING) {
                return;
              }
              if (flight.isEmpty()) {
                live.lead(run);
                live.placing().pump();
              } else {
                join(run, flight.get());
              }
            });
  }

  /** A run of another node waits for one of this node; it asks again and again. */
  Future<RunRecord> joinedBy(LiveRun run, RunId follower, Duration patience) {
    Promise<RunRecord> ended = Promise.promise();
    run.joined().put(follower, ended);
    long timer =
        vertx.setTimer(
            Math.max(1, patience.toMillis()),
            id -> {
              ended.tryComplete(run.record());
              vertx.setTimer(MARGIN.toMillis(), late -> forget(run, follower, ended));
            });
    return ended.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** One that has not asked again waits no more. */
  private void forget(LiveRun run, RunId follower, Promise<RunRecord> asked) {
    if (run.joined().remove(follower, asked) && run.phase() != Phase.ENDED) {
      live.cancelIfUnwanted(run);
    }
  }

  private static CacheKey key(LiveRun run) {
    return Objects.requireNonNull(run.key());
  }
}
