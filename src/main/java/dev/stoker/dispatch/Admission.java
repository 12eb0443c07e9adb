package dev.stoker.dispatch;

import dev.stoker.cache.CacheKey;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes new runs in: into the book where they may not be lost, and into the queue, or after the one
 * whose result will be theirs. Confined to the dispatcher's context.
 */
final class Admission {
  private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

  private final DispatchParts parts;
  private final Scheduler scheduler;
  private final LiveRuns live;

  Admission(DispatchParts parts, Scheduler scheduler, LiveRuns live) {
    this.parts = parts;
    this.scheduler = scheduler;
    this.live = live;
  }

  /** The run that leads the key and may be followed; {@code own} leads it when there was none. */
  Optional<LiveRun> leaderOf(CacheKey key, LiveRun own) {
    LiveRun leader = live.get(parts.cache().lead(key, own.command().id()));
    return leader == null || leader.cancelReason() != null ? Optional.empty() : Optional.of(leader);
  }

  /**
   * Admits a run, and answers as its delivery wants.
   *
   * @param elsewhere answers for the run that has the command's idempotency key already
   */
  Future<RunRecord> admit(LiveRun run, Function<RunId, Future<RunRecord>> elsewhere) {
    try {
      scheduler.reserve(run.tool());
    } catch (ServiceException refused) {
      live.abandon(run, refused);
      throw refused;
    }
    live.add(run);
    return accept(run, elsewhere, () -> scheduler.unreserve(run), () -> live.enqueueReserved(run));
  }

  /** Lets a run wait for the result of an equal one. It takes no place in a queue. */
  Future<RunRecord> join(
      LiveRun run, LiveRun leader, Function<RunId, Future<RunRecord>> elsewhere) {
    live.add(run);
    return accept(
        run,
        elsewhere,
        () -> {},
        () -> {
          if (leader.phase() == Phase.ENDED) {
            live.enqueue(run);
          } else {
            run.follow(leader);
          }
        });
  }

  /** Lets a run wait for what {@code goOn} finds; it takes no place in a queue. */
  Future<RunRecord> joinElsewhere(
      LiveRun run, Function<RunId, Future<RunRecord>> elsewhere, Runnable goOn) {
    return accept(run, elsewhere, () -> {}, goOn);
  }

  private Future<RunRecord> accept(
      LiveRun run, Function<RunId, Future<RunRecord>> elsewhere, Runnable giveUp, Runnable goOn) {
    boolean detached = run.command().delivery() == Delivery.DETACHED;
    Promise<RunRecord> answer = Promise.promise();
    if (!detached) {
      run.caller(answer);
    }
    live.setDeadline(run);
    Future<RunId> accepted = parts.ledger().accept(run.command(), run.record());
    if (!run.command().isDurable() && !(parts.ledger().isStrict() && accepted.failed())) {
      // Nobody is promised that this run survives: it does not wait for the book.
      accepted.onFailure(
          e ->
              RunLog.of(LOG.atWarn(), run.command())
                  .setCause(e)
                  .log("the run is not written down"));
      live.accepted(run);
      goOn.run();
      live.placing().pump();
      return answer.future();
    }
    // What a survivor needs to run it, should this node be lost with its files.
    run.command().blobs().forEach(parts.peers()::spread);
    accepted.onComplete(
        id -> {
          if (run.phase() == Phase.ENDED) {
            giveUp.run();
            answer.tryComplete(run.record());
          } else if (run.phase() == Phase.ENDING) {
            giveUp.run();
            run.awaiting().add(answer);
          } else if (!id.equals(run.command().id())) {
            giveUp.run();
            run.caller(null);
            live.abandon(run, Elsewhere.notFound(run.command().id()));
            elsewhere.apply(id).onComplete(answer);
          } else {
            live.accepted(run);
            goOn.run();
            if (detached) {
              answer.tryComplete(run.record());
            }
            live.placing().pump();
          }
        },
        e -> {
          giveUp.run();
          live.abandon(run, e);
          answer.tryFail(e);
        });
    return answer.future();
  }
}
