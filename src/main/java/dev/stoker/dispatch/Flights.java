package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.cache.CacheKey;
import dev.stoker.cache.ResultCache.Flight;
import dev.stoker.dispatch.DispatchMessage.Join;
import dev.stoker.dispatch.DispatchMessage.LeaveJoin;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.run.CacheUse;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process for equal commands in the whole cluster: who leads a key here asks whether a run of
 * another node leads it everywhere, and waits for that one's result. Confined to the dispatcher's
 * context.
 */
final class Flights {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);
  private static final Duration MARGIN = Duration.ofSeconds(5);
  private static final long AGAIN_MILLIS = 100;

  private final Vertx vertx;
  private final DispatchParts parts;
  private final LiveRuns live;

  Flights(Vertx vertx, DispatchParts parts, LiveRuns live) {
    this.vertx = vertx;
    this.parts = parts;
    this.live = live;
  }

  /** Has a run that leads its key here admitted, or wait for the one that leads it elsewhere. */
  Future<RunRecord> fly(
      LiveRun run,
      Function<RunId, Future<RunRecord>> elsewhere,
      Supplier<Future<Optional<RunRecord>>> stored) {
    live.prepare(run);
    return parts
        .cache()
        .claim(key(run), run.command().id())
        .compose(
            flight -> {
              if (run.phase() == Phase.ENDED) {
                return Future.succeededFuture(run.record());
              }
              if (flight.isEmpty()) {
                return stored.get().compose(found -> lead(run, found, elsewhere));
              }
              run.record(run.record().with(CacheUse.COLLAPSED));
              parts.metrics().cacheHit(run.tool().name(), "collapsed");
              return live.joinElsewhere(run, elsewhere, () -> join(run, flight.get()));
            });
  }

  /** The one that led before may have ended, and stored its result, while this one was asking. */
  private Future<RunRecord> lead(
      LiveRun run, Optional<RunRecord> found, Function<RunId, Future<RunRecord>> elsewhere) {
    if (run.phase() == Phase.ENDED) {
      return Future.succeededFuture(run.record());
    }
    if (found.isPresent()) {
      return live.joinElsewhere(
          run,
          elsewhere,
          () -> {
            run.followElsewhere();
            live.giveElsewhere(run, found.get());
          });
    }
    parts.metrics().cacheMiss(run.tool().name());
    return live.admit(run, elsewhere);
  }

  private void join(LiveRun run, Flight flight) {
    run.followElsewhere();
    Duration patience = run.command().remaining(System.nanoTime());
    Bus.<RunRecord>request(
            vertx.eventBus(),
            Runs.address(flight.home()),
            new Join(flight.run(), run.command().id(), patience),
            patience.plus(MARGIN))
        .onComplete(
            result -> joined(run, flight, result),
            e -> {
              if (run.phase() == Phase.FOLLOWING) {
                LOG.info("run {} of {} brings no result", flight.run(), flight.home(), e);
                again(run);
              } else {
                left(run, flight);
              }
            });
  }

  private void joined(LiveRun run, Flight flight, RunRecord result) {
    if (run.phase() != Phase.FOLLOWING) {
      return;
    }
    if (result.state().isTerminal() && LiveRuns.isShared(result)) {
      live.giveElsewhere(run, result);
    } else {
      LOG.debug("run {} of {} ended as {}", flight.run(), flight.home(), result.state());
      again(run);
    }
  }

  private void left(LiveRun run, Flight flight) {
    vertx
        .eventBus()
        .send(Runs.address(flight.home()), new LeaveJoin(flight.run(), run.command().id()));
  }

  /** The one that led is gone: of those who waited for it one leads. */
  private void again(LiveRun run) {
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
                // Perhaps the very same, whose node has not been missed yet.
                vertx.setTimer(
                    AGAIN_MILLIS,
                    id -> {
                      if (run.phase() == Phase.FOLLOWING) {
                        join(run, flight.get());
                      }
                    });
              }
            });
  }

  /** A run of another node waits for one of this node. */
  Future<RunRecord> joinedBy(LiveRun run, RunId follower, Duration patience) {
    Promise<RunRecord> ended = Promise.promise();
    run.joined().put(follower, ended);
    long timer =
        vertx.setTimer(Math.max(1, patience.toMillis()), id -> ended.tryComplete(run.record()));
    return ended
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              run.joined().remove(follower);
            });
  }

  private static CacheKey key(LiveRun run) {
    return Objects.requireNonNull(run.key());
  }
}
