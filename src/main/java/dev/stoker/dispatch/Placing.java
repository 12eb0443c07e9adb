package dev.stoker.dispatch;

import dev.stoker.dispatch.LiveRun.Phase;
import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.executor.ExecutorMessage.Answer;
import dev.stoker.permit.Permits;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.StdStream;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
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

  /** One that says nothing of it for so long does not have it either. */
  private static final Duration UNHEARD_MAX = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final DispatchParts parts;
  private final NodeId self;
  private final Fleet fleet;
  private final Scheduler scheduler;
  private final ExecutorLink executors;
  private final LiveRuns runs;
  private final Reports reports;

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
    this.reports = new Reports(vertx, parts, fleet, scheduler, executors, runs, this);
  }

  /** Hears of attempts from now on. */
  void listen() {
    executors.listen(
        reports::onNews,
        load -> {
          fleet.heard(load);
          pump();
        });
  }

  /** Takes over a run that is on an executor of this cluster, for another home until now. */
  void adopt(LiveRun run, NodeId on) {
    reports.adopt(run, on);
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
    run.spans().answered(answer.ack().name());
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
    run.spans().unanswered(e);
    RunLog.of(LOG.atWarn(), run.command())
        .setCause(e)
        .log("executor {} does not answer for the run", node);
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
  void putBack(LiveRun run) {
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

  /** It is to run once more, unless it was cancelled. */
  void again(LiveRun run, RunRecord record) {
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
}
