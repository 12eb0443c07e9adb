package dev.stoker.dispatch;

import dev.stoker.cache.CacheKey;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.run.CacheUse;
import dev.stoker.run.DurationText;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.ToolDefinition.Disconnect;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs that this node answers for and that have not ended, from admission to their last word.
 * Confined to the dispatcher's context, but for {@link #load}.
 */
final class LiveRuns {
  private static final Logger LOG = LoggerFactory.getLogger(LiveRuns.class);
  private static final long WRITE_PAUSE_MILLIS = 250;

  private final Vertx vertx;
  private final DispatchParts parts;
  private final Fleet fleet;
  private final Scheduler scheduler;
  private final RunNews news;
  private final Placing placing;
  private final Admission admission;
  private final Map<RunId, LiveRun> live = new HashMap<>();
  private Consumer<LiveRun> nextLeader = this::lead;
  private Consumer<LiveRun> accepted = run -> {};
  private volatile Dispatcher.Load load = Dispatcher.Load.NONE;

  LiveRuns(Vertx vertx, DispatchSettings settings, DispatchParts parts, RunNews news) {
    this.vertx = vertx;
    this.parts = parts;
    this.news = news;
    this.fleet = new Fleet(parts.members(), settings.slots());
    this.scheduler = new Scheduler(fleet, settings.queue());
    this.placing = new Placing(vertx, settings, parts, fleet, scheduler, this);
    this.admission = new Admission(parts, scheduler, this);
  }

  /** Hears of attempts from now on. */
  void listen() {
    placing.listen();
  }

  Fleet fleet() {
    return fleet;
  }

  Admission admission() {
    return admission;
  }

  Placing placing() {
    return placing;
  }

  /** The run, or null when it is not here. */
  @Nullable LiveRun get(RunId run) {
    return live.get(run);
  }

  /** Every run that is here, as of now. */
  List<LiveRun> all() {
    return List.copyOf(live.values());
  }

  /** Those whose newest placement is on a node. */
  List<LiveRun> placedOn(NodeId node) {
    return live.values().stream().filter(run -> run.isPlacedOn(node)).toList();
  }

  Optional<LiveRun> find(RunId run) {
    return Optional.ofNullable(live.get(run));
  }

  /** Thread-safe. */
  Dispatcher.Load load() {
    return load;
  }

  /** The numbers have changed. */
  void noteLoad() {
    load = scheduler.load();
  }

  /** It is one of those that are here from now on. */
  void add(LiveRun run) {
    live.put(run.command().id(), run);
  }

  /** Takes up a run that another node, or an earlier life of this one, had accepted. */
  void resume(LiveRun run) {
    replace(run);
    enqueue(run);
  }

  /** The same for one that may be on a node of this cluster. */
  void adopt(LiveRun run, NodeId on) {
    replace(run);
    placing.adopt(run, on);
  }

  /** What this node still thought of a run that it lost and now has again is void. */
  private void replace(LiveRun run) {
    LiveRun old = live.get(run.command().id());
    if (old != null) {
      drop(old);
    }
    live.put(run.command().id(), run);
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
          placing.cancel(run, reason);
        }
      }
      case ENDING, ENDED -> {}
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

  void cancelIfUnwanted(LiveRun run) {
    if (!run.isWanted() && run.tool().definition().onDisconnect() == Disconnect.CANCEL) {
      cancel(run, "the caller went away");
    }
  }

  void enqueueReserved(LiveRun run) {
    run.enter(Phase.QUEUED);
    scheduler.enqueue(run);
  }

  void enqueue(LiveRun run) {
    run.enter(Phase.QUEUED);
    scheduler.enqueueUnreserved(run);
    setDeadline(run);
  }

  void setDeadline(LiveRun run) {
    if (run.timer() == null) {
      long left = run.command().remaining(System.nanoTime()).toMillis();
      run.timer(vertx.setTimer(Math.max(1, left), id -> onDeadline(run)));
    }
  }

  void clearDeadline(LiveRun run) {
    Long timer = run.timer();
    if (timer != null) {
      vertx.cancelTimer(timer);
      run.timer(null);
    }
  }

  private void onDeadline(LiveRun run) {
    run.timer(null);
    if (run.phase() != Phase.PLACED && run.phase() != Phase.ENDING && run.phase() != Phase.ENDED) {
      String deadline = DurationText.format(run.command().timeout());
      endHere(run, new Outcome.TimedOut("its deadline of " + deadline + " passed in the queue"));
    }
  }

  /** Ends a run that no executor has. */
  void endHere(LiveRun run, Outcome outcome) {
    if (run.phase() == Phase.QUEUED) {
      scheduler.remove(run);
      news.waitedInVain(run.command());
    }
    settle(run, run.record().ended(outcome, Instant.now()));
    noteLoad();
  }

  /** Writes an end down and tells it, in the order that is safe. */
  private void settle(LiveRun run, RunRecord ended) {
    if (isContested(run)) {
      run.enter(Phase.ENDING);
      writeEnd(run, ended)
          .onSuccess(
              written -> {
                if (written) {
                  end(run, ended);
                }
              });
    } else {
      run.record(ended);
      write(run);
      end(run, ended);
    }
  }

  /** Whether another node may take the run over. */
  boolean isContested(LiveRun run) {
    return parts.members().isClustered() && run.command().isDurable();
  }

  /**
   * Writes the end of a run down, as often as it takes: nobody is told an end that another node,
   * which may have taken the run over, does not know.
   *
   * @return false when the run is another node's; it has been dropped then
   */
  Future<Boolean> writeEnd(LiveRun run, RunRecord ended) {
    return parts
        .ledger()
        .update(run.command(), ended)
        .transform(
            done -> {
              if (run.phase() == Phase.ENDED) {
                return Future.succeededFuture(false);
              }
              if (done.succeeded()) {
                return Future.succeededFuture(true);
              }
              if (isFenced(done.cause())) {
                drop(run);
                return Future.succeededFuture(false);
              }
              RunLog.of(LOG.atWarn(), run.command())
                  .setCause(done.cause())
                  .log("the end of the run is not written yet");
              Promise<Boolean> again = Promise.promise();
              vertx.setTimer(WRITE_PAUSE_MILLIS, id -> writeEnd(run, ended).onComplete(again));
              return again.future();
            });
  }

  /** Forgets a run that is not this node's; who waited for it hears so, who followed it goes on. */
  void abandon(LiveRun run, Throwable why) {
    run.spans().abandoned(codeOf(why), why.getMessage());
    forget(run);
    Promise<RunRecord> caller = run.caller();
    run.caller(null);
    if (caller != null) {
      caller.tryFail(why);
    }
    List.copyOf(run.awaiting()).forEach(waiting -> waiting.tryFail(why));
    List.copyOf(run.joined().values()).forEach(waiting -> waiting.tryFail(why));
    settleFollowers(run, run.record().in(RunState.LOST));
  }

  private static String codeOf(Throwable why) {
    ErrorCode code = why instanceof ServiceException told ? told.code() : ErrorCode.INTERNAL;
    return code.label();
  }

  /** Leaves a queued run to the other nodes; it is not placed meanwhile. */
  Future<Void> handOver(LiveRun run) {
    scheduler.remove(run);
    run.enter(Phase.ENDING);
    return parts
        .ledger()
        .handOver(run.command().id())
        .onSuccess(given -> drop(run))
        .onFailure(
            e -> {
              RunLog.of(LOG.atWarn(), run.command())
                  .setCause(e)
                  .log("the run cannot be handed over");
              if (run.phase() == Phase.ENDING) {
                enqueue(run);
              }
            });
  }

  /** Gives a run up without a word in the ledger: another node has it. */
  void drop(LiveRun run) {
    if (run.phase() == Phase.ENDED) {
      return;
    }
    RunLog.of(LOG.atInfo(), run.command()).log("the run is another node's from now on");
    if (run.phase() == Phase.QUEUED) {
      scheduler.remove(run);
    }
    if (run.phase() == Phase.PLACED) {
      scheduler.freed(run, null);
      placing.cancel(run, "another node has taken the run over");
    }
    placing.givePermit(run);
    abandon(run, new ServiceException(ErrorCode.FENCED, "another node has taken the run over"));
    news.forget(run.command().id());
    noteLoad();
  }

  void write(LiveRun run) {
    noteUnwritten(run, parts.ledger().update(run.command(), run.record()));
  }

  /** Whether a write failed because the run is another node's by now. */
  boolean isFenced(@Nullable Throwable e) {
    return e instanceof ServiceException failed && failed.code() == ErrorCode.FENCED;
  }

  /** A write that the ledger keeps for later is only told of; one that it refuses ends us. */
  void noteUnwritten(LiveRun run, Future<Void> write) {
    write.onFailure(
        e -> {
          if (isFenced(e)) {
            drop(run);
          } else {
            RunLog.of(LOG.atError(), run.command()).setCause(e).log("the run is not written down");
          }
        });
  }

  /** The last word on a run: everyone hears it. */
  void end(LiveRun run, RunRecord ended) {
    news.count(run.command(), ended);
    finish(run, ended);
  }

  /** The same for what was no run after all: its answer is another's. */
  private void finish(LiveRun run, RunRecord ended) {
    run.spans().ended(ended);
    forget(run);
    run.record(ended);
    news.ended(run, ended);
    Promise<RunRecord> caller = run.caller();
    run.caller(null);
    if (caller != null) {
      caller.tryComplete(ended);
    }
    List.copyOf(run.awaiting()).forEach(waiting -> waiting.tryComplete(ended));
    List.copyOf(run.joined().values()).forEach(waiting -> waiting.tryComplete(ended));
    settleFollowers(run, ended);
  }

  private void settleFollowers(LiveRun run, RunRecord ended) {
    List<LiveRun> followers = List.copyOf(run.followers());
    followers.forEach(LiveRun::unfollow);
    boolean shared = isShared(ended);
    LiveRun next = null;
    for (LiveRun follower : followers) {
      if (shared) {
        give(follower, ended);
      } else if (next == null) {
        next = follower;
        leadInTurn(next);
      } else {
        follower.follow(next);
      }
    }
  }

  /** Whether a result is one for all who wait for it, or its own run's bad luck. */
  static boolean isShared(RunRecord ended) {
    return switch (ended.state()) {
      case SUCCEEDED, FAILED, OUTPUT_LIMIT, OUT_OF_MEMORY -> true;
      case TIMED_OUT, CANCELLED, SANDBOX_FAILED, LOST, QUEUED, RUNNING, CANCELLING -> false;
    };
  }

  /** A run that waited for another node's has its result; so have those that follow it. */
  void giveElsewhere(LiveRun run, RunRecord result) {
    List<LiveRun> followers = List.copyOf(run.followers());
    followers.forEach(LiveRun::unfollow);
    followers.forEach(follower -> give(follower, result));
    give(run, result);
  }

  /** In a cluster another node's run may lead the key by now. */
  private void leadInTurn(LiveRun next) {
    if (parts.members().isClustered() && next.key() != null) {
      next.followElsewhere();
      nextLeader.accept(next);
    } else {
      lead(next);
    }
  }

  /** Has {@code listener} called for each command that is accepted as a run of its own. */
  void onAccepted(Consumer<LiveRun> listener) {
    accepted = listener;
  }

  /** From now on it will have an end. */
  void accepted(LiveRun run) {
    accepted.accept(run);
  }

  /** Has {@code chooser} decide what becomes of a run whose leader is gone. */
  void onNextLeader(Consumer<LiveRun> chooser) {
    nextLeader = chooser;
  }

  /** A follower takes the place of a leader that could not bring a result. */
  void lead(LiveRun run) {
    CacheKey key = run.key();
    if (key != null) {
      parts.cache().lead(key, run.command().id());
    }
    change(run, run.record().with(CacheUse.MISS));
    enqueue(run);
  }

  private void give(LiveRun follower, RunRecord result) {
    boolean named = follower.command().isDurable();
    if (named) {
      settle(follower, result.as(follower.command(), CacheUse.COLLAPSED, Instant.now()));
    } else {
      Promise<RunRecord> caller = follower.caller();
      follower.caller(null);
      follower.spans().ended(result.with(CacheUse.COLLAPSED));
      finish(follower, follower.record().ended(new Outcome.Cancelled("joined"), Instant.now()));
      if (caller != null) {
        caller.tryComplete(result.with(CacheUse.COLLAPSED));
      }
    }
  }

  /** The digest of its program, for an executor elsewhere to compare; empty when unknown. */
  String executable(LiveRun run) {
    if (run.key() == null) {
      return "";
    }
    try {
      return run.tool().executableDigest().hex();
    } catch (ServiceException notHere) {
      return fleet.executable(run.tool()).orElse("");
    }
  }

  private void forget(LiveRun run) {
    clearDeadline(run);
    live.remove(run.command().id());
    release(run);
    if (run.phase() != Phase.ENDED) {
      run.enter(Phase.ENDED);
    }
    run.whenForgotten().run();
    run.whenForgotten(() -> {});
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

  void change(LiveRun run, RunRecord record) {
    run.record(record);
    news.changed(record);
  }
}
