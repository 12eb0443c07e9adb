package dev.stoker.dispatch;

import dev.stoker.bus.Bus;
import dev.stoker.cluster.Members;
import dev.stoker.dispatch.DispatchMessage.AwaitHere;
import dev.stoker.dispatch.DispatchMessage.CancelHere;
import dev.stoker.dispatch.DispatchMessage.FindHere;
import dev.stoker.dispatch.DispatchMessage.OfPeer;
import dev.stoker.dispatch.DispatchMessage.WatchHere;
import dev.stoker.ledger.Ledger;
import dev.stoker.ledger.Ledger.Located;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs that are not this node's: asks whichever node answers for them, and again when that node is
 * gone, for as long as a survivor may need to take them over. Confined to the dispatcher's context.
 */
final class Elsewhere {
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration SLICE = Duration.ofSeconds(2);
  private static final Duration TAKEOVER = Duration.ofSeconds(8);
  private static final long PAUSE_MILLIS = 250;

  private final Vertx vertx;
  private final Members members;
  private final Ledger ledger;

  Elsewhere(Vertx vertx, Members members, Ledger ledger) {
    this.vertx = vertx;
    this.members = members;
    this.ledger = ledger;
  }

  /** The run as its home has it, or as it was last written down. */
  Future<RunRecord> find(RunId run) {
    return locate(run).compose(at -> at.home == null ? done(at) : askOnce(at, new FindHere(run)));
  }

  /** The run once it has ended, or as it is when patience is over. */
  Future<RunRecord> await(RunId run, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    return locate(run)
        .compose(
            at -> {
              Duration left = Duration.ofNanos(until - System.nanoTime());
              if (at.record.state().isTerminal() || left.isNegative() || left.isZero()) {
                return done(at);
              }
              if (at.home == null) {
                return pause().compose(on -> await(run, until));
              }
              // In slices: that a node is gone is told to nobody who waits for its answer.
              Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
              return this.<RunRecord>ask(at.home, new AwaitHere(run, slice), slice.plus(ANSWER))
                  .compose(
                      record ->
                          record.state().isTerminal()
                              ? Future.succeededFuture(record)
                              : await(run, until))
                  .recover(e -> pause().compose(on -> await(run, until)));
            });
  }

  private Future<RunRecord> await(RunId run, long untilNanos) {
    return await(run, Duration.ofNanos(untilNanos - System.nanoTime()));
  }

  /** Asks for the run's end, of its home or of who takes it over. */
  Future<RunRecord> cancel(RunId run, String reason) {
    return cancel(run, reason, System.nanoTime() + TAKEOVER.toNanos());
  }

  private Future<RunRecord> cancel(RunId run, String reason, long untilNanos) {
    return locate(run)
        .compose(
            at -> {
              if (at.record.state().isTerminal() || System.nanoTime() > untilNanos) {
                return done(at);
              }
              if (at.home == null) {
                return pause().compose(on -> cancel(run, reason, untilNanos));
              }
              return this.<RunRecord>ask(at.home, new CancelHere(run, reason), ANSWER)
                  .recover(e -> pause().compose(on -> cancel(run, reason, untilNanos)));
            });
  }

  /** Has the run's changes told here. Best effort. */
  void watch(RunId run) {
    locate(run)
        .onSuccess(
            at -> {
              if (at.home != null) {
                vertx.eventBus().send(Runs.address(at.home), new WatchHere(run, members.self()));
              }
            });
  }

  /**
   * @param home another node that is there; null when nobody there has it
   */
  private record Place(RunRecord record, @Nullable NodeId home) {}

  private Future<Place> locate(RunId run) {
    return ledger
        .locate(run)
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(place(found.get()))
                    : members.isClustered() ? scatter(run) : Future.failedFuture(notFound(run)));
  }

  private Place place(Located located) {
    NodeId home = located.home();
    boolean asks =
        home != null
            && !located.record().state().isTerminal()
            && !home.equals(members.self())
            && members.isPresent(home);
    return new Place(located.record(), asks ? home : null);
  }

  /** A run that is written down nowhere yet, or in another node's own book. */
  private Future<Place> scatter(RunId run) {
    List<NodeId> others =
        members.present().keySet().stream().filter(node -> !node.equals(members.self())).toList();
    if (others.isEmpty()) {
      return Future.failedFuture(notFound(run));
    }
    List<Future<Place>> answers =
        others.stream()
            .map(
                node ->
                    this.<RunRecord>ask(node, new FindHere(run), ANSWER)
                        .map(record -> new Place(record, isOver(record) ? null : node)))
            .toList();
    return Future.any(answers)
        .transform(
            any -> {
              Optional<Future<Place>> first =
                  answers.stream().filter(Future::succeeded).findFirst();
              return first.isPresent() ? first.get() : Future.failedFuture(notFound(run));
            });
  }

  private static boolean isOver(RunRecord record) {
    return record.state().isTerminal();
  }

  private Future<RunRecord> askOnce(Place at, OfPeer question) {
    NodeId home = at.home;
    return home == null
        ? done(at)
        : this.<RunRecord>ask(home, question, ANSWER).otherwise(at.record);
  }

  private <T> Future<T> ask(NodeId node, OfPeer question, Duration timeout) {
    return Bus.request(vertx.eventBus(), Runs.address(node), question, timeout);
  }

  private Future<Void> pause() {
    Promise<Void> over = Promise.promise();
    vertx.setTimer(PAUSE_MILLIS, id -> over.complete());
    return over.future();
  }

  private static Future<RunRecord> done(Place at) {
    return Future.succeededFuture(at.record);
  }

  static ServiceException notFound(RunId run) {
    return new ServiceException(ErrorCode.RUN_NOT_FOUND, "there is no run " + run);
  }
}
