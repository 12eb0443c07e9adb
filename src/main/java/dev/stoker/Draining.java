package dev.stoker;

import dev.stoker.cluster.Members;
import dev.stoker.dispatch.Dispatcher;
import dev.stoker.executor.Executor;
import dev.stoker.gateway.Nodes;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this node, or another, take no more commands, end what it has, and leave. Thread-safe.
 *
 * <p>A node listens at an address of its own life, so that nobody drains its next one.
 */
final class Draining implements Nodes.Drains {
  private static final String ADDRESS = "stoker.v1.drain.";
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private static final long LEAVE_SECONDS = 1;
  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  private final Vertx vertx;
  private final Members members;
  private final Dispatcher dispatcher;
  private final Executor executor;
  private final boolean withNotice;
  private final Runnable leave;
  private volatile Runnable tell = () -> {};
  private volatile Supplier<Future<Void>> unlisten = Future::succeededFuture;

  /**
   * Made once.
   *
   * @param withNotice who leaves gives notice first
   * @param leave gives notice, drains and ends what is left, on a thread of its own
   */
  Draining(
      Vertx vertx,
      Members members,
      Dispatcher dispatcher,
      Executor executor,
      boolean withNotice,
      Runnable leave) {
    this.withNotice = withNotice;
    this.executor = executor;
    this.leave = leave;
    this.vertx = vertx;
    this.members = members;
    this.dispatcher = dispatcher;
  }

  /**
   * Listens to the other nodes, if there may be any.
   *
   * @param announce tells them of this one; it may block
   * @param leaving has this node take no more from where they share the work
   */
  Future<Void> begin(Runnable announce, Supplier<Future<Void>> leaving) {
    tell = announce;
    unlisten = leaving;
    if (!members.isClustered()) {
      return Future.succeededFuture();
    }
    return vertx
        .eventBus()
        .<String>consumer(
            ADDRESS + members.self(),
            message ->
                drainAndLeave()
                    .onComplete(
                        done -> message.reply(""),
                        e -> message.fail(ErrorCode.INTERNAL.number(), "an internal error")))
        .completion();
  }

  /**
   * Has callers go elsewhere, by readiness and by the end of their connections, and other nodes use
   * this one no more; who comes all the same is served. Completes when the others have been told.
   */
  Future<Void> giveNotice() {
    dispatcher.leave();
    return tellOthers();
  }

  /** Drains this node; completes when the others have been told. */
  Future<Void> drain() {
    // First, so that nobody is refused here who could be served elsewhere.
    return unlisten
        .get()
        .timeout(LEAVE_SECONDS, TimeUnit.SECONDS)
        .otherwiseEmpty()
        .compose(
            left -> {
              dispatcher.drain();
              if (members.present().size() > 1) {
                // Else there is nobody to run what waits.
                executor.drain();
              }
              return tellOthers();
            });
  }

  private Future<Void> tellOthers() {
    return vertx
        .<Void>executeBlocking(
            () -> {
              tell.run();
              return null;
            })
        .recover(
            e -> {
              // It takes no more all the same: they will hear it when it has left.
              LOG.warn("the other nodes were not told that this one takes no more", e);
              return Future.succeededFuture();
            });
  }

  private Future<Void> drainAndLeave() {
    return (withNotice ? giveNotice() : drain()).onSuccess(told -> leave.run());
  }

  @Override
  public Future<Void> drain(NodeId node) {
    if (node.equals(members.self())) {
      return drainAndLeave();
    }
    return vertx
        .eventBus()
        .request(ADDRESS + node, "", new DeliveryOptions().setSendTimeout(ANSWER.toMillis()))
        .<Void>mapEmpty()
        .recover(
            e ->
                Future.failedFuture(
                    ServiceException.retryable(
                        ErrorCode.SHUTTING_DOWN,
                        "node " + node + " does not answer",
                        Duration.ofSeconds(1))));
  }
}
