package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.cache.CacheKey;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.executor.AttemptNews;
import dev.stoker.executor.AttemptNews.Disowned;
import dev.stoker.executor.AttemptNews.Held;
import dev.stoker.executor.AttemptNews.Pulse;
import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.executor.ExecutorMessage.Adoption;
import dev.stoker.executor.ExecutorMessage.Answer;
import dev.stoker.permit.Permits;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets queued runs onto executors and hears what becomes of them there. Confined to the
 * dispatcher's context.
 *
 * <p>The bus is a hint: what counts is a run's newest placement, and the news of any other are
 * refused. On another node, and for a run that may not be lost, a process is started only after
 * this node has said so, so that an order that was given up starts nothing.
 */
final class Placing {
  private static final Logger LOG = LoggerFactory.getLogger(Placing.class);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(20);
  private static final Duration PERMIT_PAUSE = Duration.ofMillis(50);
  private static final Duration NOT_BEGUN_PAUSE = Duration.ofMillis(250);

  /** A run that nowhere begins ends after so many tries. */
  private static final int PLACEMENTS_MAX = 100;

  /** An executor that does not name a run for so long after it was placed does not have it. */
  private static final Duration UNKNOWN_AFTER = Duration.ofSeconds(3);

  /** One that says nothing of it for so long does not have it either. */
  private static final Duration UNHEARD_MAX = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final DispatchParts parts;
  private final NodeId self;
  private final Fleet fleet;
  private final Scheduler scheduler;
  private final ExecutorLink executors;
  private final LiveRuns runs;

  Placing(
      Vertx vertx,
      DispatchSettings settings,
      DispatchParts parts,
      Fleet fleet,
      Scheduler scheduler,
      LiveRuns runs) {
    this.vertx = vertx;
    this.parts = parts;
    this.self = parts.members().self();
    this.fleet = fleet;
    this.scheduler = scheduler;
    this.runs = runs;
    this.executors = new ExecutorLink(vertx.eventBus(), self, settings.acknowledge());
  }

  /** Hears of attempts from now on. */
  void listen() {
    executors.listen(
        this::onNews,
        load -> {
          fleet.heard(load);
          pump();
        });
  }

  /** Gives free slots to those who are next. */
  void pump() {
    for (var next = scheduler.next(); next.isPresent(); next = scheduler.next()) {
      LiveRun run = next.get().run();
      runs.clearDeadline(run);
      NodeId node = next.get().node();
      int cap = run.tool().definition().concurrency().cluster();
      run.placed(node);
      fleet.asked(node, run.tool());
      if (cap == 0 || !parts.members().isClustered()) {
        place(run, node);
      } else {
        parts
            .permits()
            .take(run.tool().name(), cap, run.command().id())
            .onSuccess(taken -> placePermitted(run, node, run.placement(), taken));
      }
    }
    runs.noteLoad();
  }

  private void placePermitted(LiveRun run, NodeId node, int placement, boolean taken) {
    if (!run.isPlacement(placement)) {
      fleet.answered(node, run.tool());
      if (taken && runs.get(run.command().id()) == null) {
        givePermit(run);
      }
    } else if (run.cancelReason() != null) {
      fleet.answered(node, run.tool());
      putBack(run);
      pump();
    } else if (taken) {
      place(run, node);
    } else {
      fleet.answered(node, run.tool());
      scheduler.hold(run.tool(), System.nanoTime() + PERMIT_PAUSE.toNanos());
      putBack(run);
      vertx.setTimer(PERMIT_PAUSE.toMillis() + 1, id -> pump());
    }
  }

  private void place(LiveRun run, NodeId node) {
    int placement = run.placement();
    executors
        .place(run, node, node.equals(self) ? "" : runs.executable(run))
        .onComplete(
            answer -> {
              fleet.answered(node, run.tool());
              fleet.heard(answer.load());
              onAnswer(run, node, placement, answer);
            },
            e -> {
              fleet.answered(node, run.tool());
              onNoAnswer(run, node, placement, e);
            });
  }

  private void onAnswer(LiveRun run, NodeId node, int placement, Answer answer) {
    if (!run.isPlacement(placement)) {
      if (answer.ack() == Ack.ACCEPTED && !run.isPlacedOn(node)) {
        executors.cancel(run, node, placement, "it was placed elsewhere");
      }
      return;
    }
    switch (answer.ack()) {
      case ACCEPTED -> {
        if (run.command().delivery() == Delivery.STREAM && !node.equals(self)) {
          parts
              .peers()
              .output(node.name(), run.command().id(), StdStream.STDOUT)
              .ifPresent(reader -> parts.outputs().supply(run.command().id(), reader));
        }
      }
      case BUSY -> {
        putBack(run);
        if (fleet.room(run.tool()) > 0) {
          // It has room and does not take this one: an earlier attempt is on its way out.
          vertx.setTimer(BUSY_PAUSE.toMillis(), id -> pump());
        } else {
          runs.noteLoad();
        }
      }
      case OTHER_TOOL -> {
        fleet.refused(node, run.tool());
        putBack(run);
        pump();
      }
    }
  }

  private void onNoAnswer(LiveRun run, NodeId node, int placement, Throwable e) {
    if (!run.isPlacement(placement) || run.begun()) {
      // It was placed anew, or this was answered by the question whether it may start.
      return;
    }
    LOG.warn("executor {} does not answer for run {}", node, run.command().id(), e);
    executors.cancel(run, node, placement, "not acknowledged");
    if (node.equals(self) && !run.command().isDurable()) {
      // It may have begun: this node's own executor asks nobody.
      scheduler.freed(run, null);
      givePermit(run);
      runs.endHere(run, new Outcome.Lost("the executor did not answer"));
    } else {
      fleet.silent(node);
      putBack(run);
    }
    pump();
  }

  /** It was placed in vain and waits again. */
  private void putBack(LiveRun run) {
    scheduler.freed(run, null);
    givePermit(run);
    String reason = run.cancelReason();
    if (reason == null) {
      runs.enqueue(run);
    } else {
      runs.endHere(run, new Outcome.Cancelled(reason));
    }
  }

  /** Asks for the end of a run that is placed. */
  void cancel(LiveRun run, String reason) {
    NodeId on = run.executor();
    if (on != null) {
      executors.cancel(run, on, run.placement(), reason);
    }
  }

  private void onNews(Message<AttemptNews> message) {
    AttemptNews told = message.body();
    fleet.heard(told.load());
    switch (told) {
      case AttemptNews.Starting news -> starting(news).onComplete(answer(message));
      case AttemptNews.Started news -> started(news);
      case AttemptNews.Ended news -> ended(news).onComplete(answer(message));
      case AttemptNews.NotBegun news -> notBegun(news).onComplete(answer(message));
      case AttemptNews.TryAgain news -> tryAgain(news).onComplete(answer(message));
      case AttemptNews.Freed _ -> pump();
      case Pulse pulse -> message.reply(disowned(pulse));
    }
  }

  private static <T> Completable<T> answer(Message<?> message) {
    return (done, e) -> {
      if (e == null) {
        message.reply(null);
      } else {
        Bus.answer(message, Future.failedFuture(e));
      }
    };
  }

  private @Nullable LiveRun of(AttemptNews.OfRun news) {
    LiveRun run = runs.get(news.record().id());
    return run != null
            && run.isPlacement(news.placement())
            && news.load().node().equals(run.executor())
        ? run
        : null;
  }

  private Future<Void> starting(AttemptNews.Starting news) {
    LiveRun run = of(news);
    if (run == null || run.cancelReason() != null) {
      return Future.failedFuture(
          new ServiceException(ErrorCode.FENCED, "this placement of the run is void"));
    }
    run.begin();
    if (!run.command().isDurable()) {
      return Future.succeededFuture();
    }
    run.record(news.record());
    return parts
        .ledger()
        .update(run.command(), news.record())
        .onFailure(
            e -> {
              if (runs.isFenced(e)) {
                runs.drop(run);
              }
            })
        .compose(
            written ->
                run.isPlacement(news.placement())
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new ServiceException(
                            ErrorCode.FENCED, "this placement of the run is void")));
  }

  private void started(AttemptNews.Started news) {
    LiveRun run = of(news);
    if (run == null) {
      return;
    }
    run.begin();
    RunRecord record = news.record();
    runs.change(run, run.cancelReason() == null ? record : record.in(RunState.CANCELLING));
    if (!run.command().isDurable()) {
      // The others were written down before they began.
      runs.write(run);
    }
    pump();
  }

  private Future<Void> ended(AttemptNews.Ended news) {
    LiveRun run = of(news);
    if (run == null) {
      pump();
      return Future.succeededFuture();
    }
    scheduler.freed(run, took(news.record()));
    givePermit(run);
    run.enter(Phase.ENDING);
    if (runs.isContested(run)) {
      return runs.writeEnd(run, news.record())
          .compose(written -> written ? store(run, news) : Future.succeededFuture());
    }
    Future<Void> written = parts.ledger().update(run.command(), news.record());
    if (!run.command().isDurable()) {
      runs.noteUnwritten(run, written);
      return store(run, news);
    }
    return written.transform(
        done -> {
          runs.noteUnwritten(run, written);
          return store(run, news);
        });
  }

  /**
   * Only what this node has decided to be the run's end is ever given to others; and who asks for
   * the same when the end is told finds it.
   */
  private Future<Void> store(LiveRun run, AttemptNews.Ended news) {
    CacheKey key = run.key();
    ToolDefinition.Cache cache = run.tool().definition().cache();
    if (key == null || cache == null || !news.cacheable()) {
      finish(run, news);
      return Future.succeededFuture();
    }
    Future<Void> stored = parts.cache().put(key, news.record(), cache.ttl());
    if (stored.isComplete()) {
      finish(run, news);
      return Future.succeededFuture();
    }
    return stored.transform(
        done -> {
          finish(run, news);
          return Future.succeededFuture();
        });
  }

  private void finish(LiveRun run, AttemptNews.Ended news) {
    if (run.phase() == Phase.ENDING) {
      runs.end(run, news.record());
    }
    pump();
  }

  private Future<Void> notBegun(AttemptNews.NotBegun news) {
    LiveRun run = of(news);
    if (run == null) {
      pump();
      return Future.succeededFuture();
    }
    LOG.warn("run {} did not begin: {}", run.command().id(), news.reason());
    if (run.placement() < PLACEMENTS_MAX || run.cancelReason() != null) {
      // What was written down of its start is void: its process never was.
      RunRecord record = news.record();
      if (run.begun() && run.cancelReason() == null) {
        runs.change(run, record.startedAt() == null ? record.requeued() : run.record().requeued());
        runs.write(run);
      }
      putBack(run);
      vertx.setTimer(NOT_BEGUN_PAUSE.toMillis(), id -> pump());
    } else {
      scheduler.freed(run, null);
      givePermit(run);
      runs.endHere(run, new Outcome.SandboxFailed(news.reason()));
      pump();
    }
    return Future.succeededFuture();
  }

  private Future<Void> tryAgain(AttemptNews.TryAgain news) {
    LiveRun run = of(news);
    if (run == null) {
      pump();
      return Future.succeededFuture();
    }
    scheduler.freed(run, took(news.record()));
    givePermit(run);
    again(run, news.record());
    // After the answer: the executor still has the run until it is heard.
    vertx.runOnContext(v -> pump());
    return Future.succeededFuture();
  }

  private void again(LiveRun run, RunRecord record) {
    String reason = run.cancelReason();
    if (reason == null) {
      runs.change(run, record.requeued());
      runs.write(run);
      runs.enqueue(run);
    } else {
      runs.endHere(run, new Outcome.Cancelled(reason));
    }
  }

  void givePermit(LiveRun run) {
    if (run.tool().definition().concurrency().cluster() > 0) {
      parts.permits().give(run.tool().name(), run.command().id());
    }
  }

  private static @Nullable Duration took(RunRecord record) {
    Instant from = record.startedAt();
    Instant to = record.finishedAt();
    return from == null || to == null ? null : Duration.between(from, to);
  }

  private Disowned disowned(Pulse pulse) {
    Set<RunId> named = new HashSet<>();
    List<RunId> disowned = new ArrayList<>();
    for (Held held : pulse.held()) {
      LiveRun run = runs.get(held.run());
      named.add(held.run());
      if (run != null) {
        run.heard();
      }
      if (run == null
          || !(run.isPlacement(held.placement()) && pulse.executor().equals(run.executor()))) {
        disowned.add(held.run());
      }
    }
    long now = System.nanoTime();
    for (LiveRun run : runs.placedOn(pulse.executor())) {
      if (!named.contains(run.command().id())
          && now - run.placedNanos() > UNKNOWN_AFTER.toNanos()) {
        executorLost(run, "the node does not know of it any more");
      }
    }
    return new Disowned(disowned);
  }

  /** Looks who has left, and sees to what was placed there. */
  void refresh() {
    for (NodeId gone : fleet.refresh()) {
      List<LiveRun> placed = runs.placedOn(gone);
      if (!placed.isEmpty()) {
        LOG.warn("node {} is gone with {} runs of this one", gone, placed.size());
      }
      placed.forEach(run -> executorLost(run, "node " + gone.name() + " is gone"));
    }
    endUnheard();
    pump();
  }

  /** An executor that has forgotten a run may have no reason to say anything at all. */
  private void endUnheard() {
    long now = System.nanoTime();
    for (LiveRun run : runs.all()) {
      NodeId on = run.executor();
      if (run.phase() == Phase.PLACED
          && on != null
          && !on.equals(self)
          && now - run.heardNanos() > UNHEARD_MAX.toNanos()) {
        executors.cancel(run, on, run.placement(), "nothing was heard of it");
        executorLost(run, "its node says nothing of it");
      }
    }
  }

  /** What has begun is lost, and tried again where its tool allows that. */
  void executorLost(LiveRun run, String why) {
    scheduler.freed(run, null);
    Outcome lost = new Outcome.Lost(why);
    if (run.tool().definition().concurrency().cluster() > 0) {
      // Its process may live until that node has noticed.
      vertx.setTimer(
          Permits.FENCE.toMillis(),
          id -> {
            if (runs.get(run.command().id()) == null) {
              givePermit(run);
            }
          });
    }
    RunRecord record = run.record();
    if (!run.begun()) {
      again(run, record);
    } else if (run.cancelReason() == null
        && run.tool().definition().retry().after(lost, Math.max(1, record.attempt()))) {
      again(run, record);
    } else {
      runs.endHere(run, lost);
    }
  }

  /** Takes over a run that is on an executor of this cluster, for another home until now. */
  void adopt(LiveRun run, NodeId on) {
    scheduler.adopted();
    run.adopted(on);
    int cap = run.tool().definition().concurrency().cluster();
    if (cap > 0) {
      // It has a permit, or has had one: from now on in this node's name.
      parts.permits().take(run.tool().name(), cap, run.command().id());
    }
    int placement = run.placement();
    executors
        .adopt(run, on)
        .onComplete(
            adoption -> {
              if (run.isPlacement(placement)) {
                onAdoption(run, adoption);
              }
            },
            e -> {
              if (run.isPlacement(placement)) {
                LOG.warn("executor {} does not say whether it has {}", on, run.command().id(), e);
                executors.cancel(run, on, placement, "given up");
                executorLost(run, "its node does not answer");
                pump();
              }
            });
  }

  private void onAdoption(LiveRun run, Adoption adoption) {
    switch (adoption) {
      case Adoption.Running(RunRecord record) -> {
        runs.change(run, record.attempt() == 0 ? run.record() : record);
        if (run.cancelReason() != null) {
          cancel(run, run.cancelReason());
        }
      }
      case Adoption.Over over -> adoptedEnd(run, over.end());
      case Adoption.Unknown() -> {
        executorLost(run, "its node has no trace of it");
        pump();
      }
    }
  }

  private void adoptedEnd(LiveRun run, AttemptNews.OfRun end) {
    int placement = run.placement();
    Future<Void> taken =
        switch (end) {
          case AttemptNews.TryAgain again ->
              tryAgain(new AttemptNews.TryAgain(again.record(), placement, again.load()));
          case AttemptNews.NotBegun not ->
              notBegun(new AttemptNews.NotBegun(not.record(), placement, not.reason(), not.load()));
          case AttemptNews.Ended _, AttemptNews.Starting _, AttemptNews.Started _ ->
              ended(new AttemptNews.Ended(end.record(), placement, false, end.load()));
        };
    taken.onFailure(e -> LOG.error("the end of run {}", run.command().id(), e));
  }
}
