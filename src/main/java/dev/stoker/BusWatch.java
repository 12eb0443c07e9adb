package dev.stoker;

import dev.stoker.cluster.Members;
import dev.stoker.run.NodeId;
import dev.stoker.telemetry.Metrics;
import dev.stoker.telemetry.Metrics.About;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Asks every node over the event bus whether it is there, and tells how long that took: the node
 * itself where it is alone. A verticle, one a node; confined to its context.
 */
final class BusWatch extends VerticleBase {
  private static final long PERIOD_MILLIS = 5000;
  private static final long ANSWER_MILLIS = 5000;
  private static final String QUESTION = "there?";
  private static final String ANSWER = "here";

  private final Members members;
  private final Consumer<Duration> roundTrip;
  private final Runnable failure;

  BusWatch(Members members, Metrics metrics) {
    this.members = members;
    this.roundTrip =
        metrics.times(
            new About(
                "bus.round.trip", "A question to each node over the event bus and its answer"));
    this.failure =
        metrics.counter(
            new About("bus.failures", "Such questions that had no answer within 5 seconds"));
  }

  @Override
  public Future<?> start() {
    vertx.eventBus().<String>consumer(address(members.self()), message -> message.reply(ANSWER));
    vertx.setPeriodic(0, PERIOD_MILLIS, id -> members.nodes().forEach(this::ask));
    return Future.succeededFuture();
  }

  private void ask(NodeId node) {
    long asked = System.nanoTime();
    vertx
        .eventBus()
        .<String>request(
            address(node), QUESTION, new DeliveryOptions().setSendTimeout(ANSWER_MILLIS))
        .onComplete(
            here -> roundTrip.accept(Duration.ofNanos(System.nanoTime() - asked)), this::failed);
  }

  /** A node that is coming, going, or of an earlier version, listens to no such question. */
  private void failed(Throwable e) {
    if (!(e instanceof ReplyException reply) || reply.failureType() != ReplyFailure.NO_HANDLERS) {
      failure.run();
    }
  }

  private static String address(NodeId node) {
    return "stoker.v1.echo." + node;
  }
}
