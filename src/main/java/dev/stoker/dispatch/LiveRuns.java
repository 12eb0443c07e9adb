package dev.stoker.dispatch;

import dev.stoker.cache.CacheKey;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.executor.AttemptNews;
import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.DurationText;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.ToolDefinition.Disconnect;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of this node that have not ended, from admission to their last word. Confined to the
 * dispatcher's context, but for {@link #load}.
 */
final class LiveRuns {
  private static final Logger LOG = LoggerFactory.getLogger(LiveRuns.class);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(20);

  private final Vertx vertx;
  private final DispatchParts parts;
  private final Scheduler scheduler;
  private final RunNews news;
  private final ExecutorLink executors;
  private final Map<RunId, LiveRun> live = new HashMap<>();
  private volatile Dispatcher.Load load = Dispatcher.Load.NONE;

  LiveRuns(Vertx vertx, DispatchSettings settings, DispatchParts parts) {
    this.vertx = vertx;
    this.parts = parts;
    this.scheduler = new Scheduler(settings.slots(), settings.queue());
    this.news = new RunNews(vertx.eventBus(), parts.metrics());
    this.executors = new ExecutorLink(vertx.eventBus(), settings);
  }

  /** Hears of attempts from now on. */
  void listen() {
    executors.listen(this::onNews);
  }

  Optional<LiveRun> find(RunId run) {
    return Optional.ofNullable(live.get(run));
  }

  /** Thread-safe. */
  Dispatcher.Load load() {
    return load;
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
      release(run);
      throw refused;
    }
    live.put(run.command().id(), run);
    return accept(run, elsewhere, () -> scheduler.unreserve(run), () -> enqueueReserved(run));
  }

  /** Lets a run wait for the result of an equal one. It takes no place in a queue. */
  Future<RunRecord> join(
      LiveRun run, LiveRun leader, Function<RunId, Future<RunRecord>> elsewhere) {
    live.put(run.command().id(), run);
    return accept(
        run,
        elsewhere,
        () -> {},
        () -> {
          if (leader.phase() == Phase.ENDED) {
            enqueue(run);
          } else {
            run.follow(leader);
          }
        });
  }

  private Future<RunRecord> accept(
      LiveRun run, Function<RunId, Future<RunRecord>> elsewhere, Runnable giveUp, Runnable goOn) {
    boolean detached = run.command().delivery() == Delivery.DETACHED;
    Promise<RunRecord> answer = Promise.promise();
    if (!detached) {
      run.caller(answer);
    }
    setDeadline(run);
    Future<RunId> accepted = parts.ledger().accept(run.command(), run.record());
    if (!detached && run.command().idempotencyKey() == null) {
      // Nobody is promised that this run survives: it does not wait for the book.
      accepted.onFailure(e -> LOG.warn("run {} is not written down", run.command().id(), e));
      goOn.run();
      pump();
      return answer.future();
    }
    accepted.onComplete(
        id -> {
          if (run.phase() == Phase.ENDED) {
            giveUp.run();
            answer.tryComplete(run.record());
          } else if (!id.equals(run.command().id())) {
            giveUp.run();
            forget(run);
            elsewhere.apply(id).onComplete(answer);
          } else {
            goOn.run();
            if (detached) {
              answer.tryComplete(run.record());
            }
            pump();
          }
        },
        e -> {
          giveUp.run();
          forget(run);
          answer.tryFail(e);
        });
    return answer.future();
  }

  /** Takes up a run that an earlier life of this node accepted. */
  void resume(LiveRun run) {
    live.put(run.command().id(), run);
    setDeadline(run);
    enqueue(run);
  }

  /** Ends a run because somebody wants that; nothing happens when it has ended. */
  void cancel(LiveRun run, String reason) {
    switch (run.phase()) {
      case ACCEPTING, QUEUED, FOLLOWING -> endHere(run, new Outcome.Cancelled(reason));
      case PLACED -> {
        if (run.cancelReason() == null) {
          run.cancelling(reason);
          change(run, run.record().in(RunState.CANCELLING));
          write(run);
          executors.cancel(run, reason);
        }
      }
      case ENDED -> {}
    }
  }

  /** The one who asked for a run has gone. */
  void leave(RunId command) {
    LiveRun run = live.get(command);
    if (run != null) {
      run.caller(null);
      cancelIfUnwanted(run);
    }
  }

  private void cancelIfUnwanted(LiveRun run) {
    if (!run.isWanted() && run.tool().definition().onDisconnect() == Disconnect.CANCEL) {
      cancel(run, "the caller went away");
    }
  }

  /** Gives free slots to those who are next. */
  void pump() {
    for (Optional<LiveRun> next = scheduler.next(); next.isPresent(); next = scheduler.next()) {
      place(next.get());
    }
    load = scheduler.load();
  }

  private void place(LiveRun run) {
    clearDeadline(run);
    run.enter(Phase.PLACED);
    executors
        .place(run)
        .onComplete(
            ack -> {
              if (ack == Ack.BUSY) {
                // Its slots are given back a message later than ours.
                scheduler.freed(run, null);
                enqueue(run);
                vertx.setTimer(BUSY_PAUSE.toMillis(), id -> pump());
              }
            },
            e -> onNoAck(run, e));
  }

  private void onNoAck(LiveRun run, Throwable e) {
    if (run.phase() == Phase.PLACED) {
      LOG.error("the executor does not answer for run {}", run.command().id(), e);
      executors.cancel(run, "not acknowledged");
      scheduler.freed(run, null);
      endHere(run, new Outcome.Lost("the executor did not answer"));
      pump();
    }
  }

  private void onNews(AttemptNews told) {
    LiveRun run = live.get(told.record().id());
    if (run == null || run.phase() != Phase.PLACED) {
      return;
    }
    switch (told) {
      case AttemptNews.Started(RunRecord record) -> {
        change(run, run.cancelReason() == null ? record : record.in(RunState.CANCELLING));
        if (run.command().delivery() != Delivery.DETACHED) {
          // The executor has written down the others, before they began.
          write(run);
        }
      }
      case AttemptNews.Ended(RunRecord record) -> {
        scheduler.freed(run, took(record));
        end(run, record);
      }
      case AttemptNews.TryAgain(RunRecord record) -> {
        scheduler.freed(run, took(record));
        if (run.cancelReason() == null) {
          change(run, record.requeued());
          write(run);
          enqueue(run);
        } else {
          endHere(run, new Outcome.Cancelled(run.cancelReason()));
        }
      }
    }
    pump();
  }

  private static @Nullable Duration took(RunRecord record) {
    Instant from = record.startedAt();
    Instant to = record.finishedAt();
    return from == null || to == null ? null : Duration.between(from, to);
  }

  private void enqueueReserved(LiveRun run) {
    run.enter(Phase.QUEUED);
    scheduler.enqueue(run);
  }

  private void enqueue(LiveRun run) {
    run.enter(Phase.QUEUED);
    scheduler.enqueueUnreserved(run);
    setDeadline(run);
  }

  private void setDeadline(LiveRun run) {
    if (run.timer() == null) {
      long left = run.command().remaining(System.nanoTime()).toMillis();
      run.timer(vertx.setTimer(Math.max(1, left), id -> onDeadline(run)));
    }
  }

  private void clearDeadline(LiveRun run) {
    Long timer = run.timer();
    if (timer != null) {
      vertx.cancelTimer(timer);
      run.timer(null);
    }
  }

  private void onDeadline(LiveRun run) {
    run.timer(null);
    if (run.phase() != Phase.PLACED && run.phase() != Phase.ENDED) {
      String deadline = DurationText.format(run.command().timeout());
      endHere(run, new Outcome.TimedOut("its deadline of " + deadline + " passed in the queue"));
    }
  }

  /** Ends a run that no executor has. */
  private void endHere(LiveRun run, Outcome outcome) {
    if (run.phase() == Phase.QUEUED) {
      scheduler.remove(run);
    }
    run.record(run.record().ended(outcome, Instant.now()));
    write(run);
    end(run, run.record());
    load = scheduler.load();
  }

  private void write(LiveRun run) {
    parts
        .ledger()
        .update(run.command(), run.record())
        .onFailure(e -> LOG.error("run {} is not written down", run.command().id(), e));
  }

  /** The last word on a run: everyone hears it. */
  private void end(LiveRun run, RunRecord ended) {
    forget(run);
    run.record(ended);
    news.ended(ended);
    Promise<RunRecord> caller = run.caller();
    run.caller(null);
    if (caller != null) {
      caller.tryComplete(ended);
    }
    List.copyOf(run.awaiting()).forEach(waiting -> waiting.tryComplete(ended));
    settleFollowers(run, ended);
  }

  private void settleFollowers(LiveRun run, RunRecord ended) {
    List<LiveRun> followers = List.copyOf(run.followers());
    followers.forEach(LiveRun::unfollow);
    boolean shared =
        switch (ended.state()) {
          case SUCCEEDED, FAILED, OUTPUT_LIMIT, OUT_OF_MEMORY -> true;
          case TIMED_OUT, CANCELLED, SANDBOX_FAILED, LOST, QUEUED, RUNNING, CANCELLING -> false;
        };
    LiveRun next = null;
    for (LiveRun follower : followers) {
      if (shared) {
        give(follower, ended);
      } else if (next == null) {
        next = follower;
        lead(next);
      } else {
        follower.follow(next);
      }
    }
  }

  /** A follower takes the place of a leader that could not bring a result. */
  private void lead(LiveRun run) {
    CacheKey key = run.key();
    if (key != null) {
      parts.cache().lead(key, run.command().id());
    }
    change(run, run.record().with(CacheUse.MISS));
    enqueue(run);
  }

  private void give(LiveRun follower, RunRecord result) {
    boolean named =
        follower.command().delivery() == Delivery.DETACHED
            || follower.command().idempotencyKey() != null;
    if (named) {
      follower.record(result.as(follower.command(), CacheUse.COLLAPSED, Instant.now()));
      write(follower);
      end(follower, follower.record());
    } else {
      Promise<RunRecord> caller = follower.caller();
      follower.caller(null);
      end(follower, follower.record().ended(new Outcome.Cancelled("joined"), Instant.now()));
      if (caller != null) {
        caller.tryComplete(result.with(CacheUse.COLLAPSED));
      }
    }
  }

  private void forget(LiveRun run) {
    clearDeadline(run);
    live.remove(run.command().id());
    release(run);
    if (run.phase() != Phase.ENDED) {
      run.enter(Phase.ENDED);
    }
    LiveRun leader = run.leader();
    run.unfollow();
    if (leader != null && leader.phase() != Phase.ENDED) {
      cancelIfUnwanted(leader);
    }
  }

  private void release(LiveRun run) {
    CacheKey key = run.key();
    if (key != null) {
      parts.cache().release(key, run.command().id());
    }
  }

  private void change(LiveRun run, RunRecord record) {
    run.record(record);
    news.changed(record);
  }
}
