package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.cache.CacheKey;
import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.executor.AttemptNews;
import dev.stoker.executor.AttemptNews.Disowned;
import dev.stoker.executor.AttemptNews.Held;
import dev.stoker.executor.AttemptNews.Pulse;
import dev.stoker.executor.ExecutorMessage.Adoption;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.ServiceException;
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
 * Hears what becomes of placed runs. Confined to the dispatcher's context.
 *
 * <p>What counts is a run's newest placement; what is said of any other changes nothing.
 */
final class Reports {
  private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
  private static final Duration NOT_BEGUN_PAUSE = Duration.ofMillis(250);

  /** An executor that does not name a run for so long after it was placed does not have it. */
  private static final Duration UNKNOWN_AFTER = Duration.ofSeconds(3);

  /** A run that nowhere begins ends after so many tries. */
  private static final int PLACEMENTS_MAX = 100;

  private final Vertx vertx;
  private final DispatchParts parts;
  private final Fleet fleet;
  private final Scheduler scheduler;
  private final ExecutorLink executors;
  private final LiveRuns runs;
  private final Placing placing;

  Reports(
      Vertx vertx,
      DispatchParts parts,
      Fleet fleet,
      Scheduler scheduler,
      ExecutorLink executors,
      LiveRuns runs,
      Placing placing) {
    this.vertx = vertx;
    this.parts = parts;
    this.fleet = fleet;
    this.scheduler = scheduler;
    this.executors = executors;
    this.runs = runs;
    this.placing = placing;
  }

  /** What an executor says. */
  void onNews(Message<AttemptNews> message) {
    AttemptNews told = message.body();
    fleet.heard(told.load());
    switch (told) {
      case AttemptNews.Starting news -> starting(news).onComplete(answer(message));
      case AttemptNews.Started news -> started(news);
      case AttemptNews.Ended news -> ended(news).onComplete(answer(message));
      case AttemptNews.NotBegun news -> notBegun(news).onComplete(answer(message));
      case AttemptNews.TryAgain news -> tryAgain(news).onComplete(answer(message));
      case AttemptNews.Freed _ -> placing.pump();
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
    placing.pump();
  }

  private Future<Void> ended(AttemptNews.Ended news) {
    LiveRun run = of(news);
    if (run == null) {
      placing.pump();
      return Future.succeededFuture();
    }
    scheduler.freed(run, took(news.record()));
    placing.givePermit(run);
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
    placing.pump();
  }

  private Future<Void> notBegun(AttemptNews.NotBegun news) {
    LiveRun run = of(news);
    if (run == null) {
      placing.pump();
      return Future.succeededFuture();
    }
    RunLog.of(LOG.atWarn(), run.command()).log("the run did not begin: {}", news.reason());
    if (run.placement() < PLACEMENTS_MAX || run.cancelReason() != null) {
      // What was written down of its start is void: its process never was.
      RunRecord record = news.record();
      if (run.begun() && run.cancelReason() == null) {
        runs.change(run, record.startedAt() == null ? record.requeued() : run.record().requeued());
        runs.write(run);
      }
      placing.putBack(run);
      vertx.setTimer(NOT_BEGUN_PAUSE.toMillis(), id -> placing.pump());
    } else {
      scheduler.freed(run, null);
      placing.givePermit(run);
      runs.endHere(run, new Outcome.SandboxFailed(news.reason()));
      placing.pump();
    }
    return Future.succeededFuture();
  }

  private Future<Void> tryAgain(AttemptNews.TryAgain news) {
    LiveRun run = of(news);
    if (run == null) {
      placing.pump();
      return Future.succeededFuture();
    }
    scheduler.freed(run, took(news.record()));
    placing.givePermit(run);
    placing.again(run, news.record());
    // After the answer: the executor still has the run until it is heard.
    vertx.runOnContext(v -> placing.pump());
    return Future.succeededFuture();
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
        placing.executorLost(run, "the node does not know of it any more");
      }
    }
    return new Disowned(disowned);
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
                RunLog.of(LOG.atWarn(), run.command())
                    .setCause(e)
                    .log("executor {} does not say whether it has the run", on);
                executors.cancel(run, on, placement, "given up");
                placing.executorLost(run, "its node does not answer");
                placing.pump();
              }
            });
  }

  private void onAdoption(LiveRun run, Adoption adoption) {
    run.spans().answered("adopted");
    switch (adoption) {
      case Adoption.Running(RunRecord record) -> {
        runs.change(run, record.attempt() == 0 ? run.record() : record);
        if (run.cancelReason() != null) {
          placing.cancel(run, run.cancelReason());
        }
      }
      case Adoption.Over over -> adoptedEnd(run, over.end());
      case Adoption.Unknown() -> {
        placing.executorLost(run, "its node has no trace of it");
        placing.pump();
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
    taken.onFailure(
        e -> RunLog.of(LOG.atError(), run.command()).setCause(e).log("the end of the run"));
  }
}
