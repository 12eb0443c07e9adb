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

/**
 * Has this node, or another, take no more commands, end what it has, and leave. Thread-safe.
 *
 * <p>A node listens at an address of its own life, so that nobody drains its next one.
 */
final class Draining implements Nodes.Drains {
  private static final String ADDRESS = "stoker.v1.drain.";
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final Members members;
  private final Dispatcher dispatcher;
  private final Executor executor;
  private final Runnable leave;
  private volatile Runnable tell = () -> {};

  Draining(Vertx vertx, Members members, Dispatcher dispatcher, Executor executor, Runnable leave) {
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
   */
  Future<Void> begin(Runnable announce) {
    tell = announce;
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

  /** Drains this node; completes when the others have been told. */
  Future<Void> drain() {
    dispatcher.drain();
    executor.drain();
    return vertx.executeBlocking(
        () -> {
          tell.run();
          return null;
        });
  }

  private Future<Void> drainAndLeave() {
    return drain().onSuccess(told -> leave.run());
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
