package dev.stoker.dispatch;

import dev.stoker.cluster.Members;
import dev.stoker.executor.Executor;
import dev.stoker.executor.NodeLoad;
import dev.stoker.run.NodeId;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tells the others how busy this node is, and hears it of them: soon after a change, and then not
 * again before a pause that grows with the cluster, so that what all tell each other stays bounded.
 * Most of what a dispatcher knows it learns from the answers to its own orders. Confined to the
 * dispatcher's context.
 */
final class LoadExchange {
  private static final String LOADS = "stoker.v1.loads";
  private static final String QUEUES = "stoker.v1.queues";

  /** In which this node's own queue takes what was freed. */
  private static final long SETTLE_MILLIS = 2;

  private static final long PAUSE_MILLIS_MIN = 10;
  private static final long PAUSE_MILLIS_EACH = 2;
  private static final long QUEUE_MILLIS = 1000;

  private final Vertx vertx;
  private final Members members;
  private final LoadNews news = new LoadNews();
  private final Map<NodeId, DispatchMessage.Waiting> queued = new HashMap<>();
  private long lastNanos = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);
  private boolean waiting;

  LoadExchange(Vertx vertx, Members members) {
    this.vertx = vertx;
    this.members = members;
  }

  /**
   * Begins.
   *
   * @param heard takes what others say
   * @param queue how many wait here
   */
  void start(Consumer<NodeLoad> heard, Supplier<Dispatcher.Load> queue) {
    vertx
        .eventBus()
        .<NodeLoad>localConsumer(Executor.loadAddress(), message -> changed(message.body()));
    vertx
        .eventBus()
        .<NodeLoad>consumer(
            LOADS,
            message -> {
              if (!message.body().node().equals(members.self())) {
                heard.accept(message.body());
              }
            });
    vertx
        .eventBus()
        .<DispatchMessage.Waiting>consumer(
            QUEUES, message -> queued.put(message.body().node(), message.body()));
    vertx.setPeriodic(
        QUEUE_MILLIS,
        id -> {
          queued.keySet().removeIf(node -> !members.isPresent(node));
          Dispatcher.Load load = queue.get();
          vertx
              .eventBus()
              .publish(
                  QUEUES,
                  new DispatchMessage.Waiting(members.self(), load.queued(), load.oldestAge()));
        });
  }

  /** How many wait at a node, as it last said. */
  DispatchMessage.Waiting waiting(NodeId node) {
    return queued.getOrDefault(node, new DispatchMessage.Waiting(node, 0, Duration.ZERO));
  }

  private void changed(NodeLoad load) {
    news.changed(load);
    if (waiting) {
      return;
    }
    waiting = true;
    long pause = Math.max(PAUSE_MILLIS_MIN, PAUSE_MILLIS_EACH * members.present().size());
    long past = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastNanos);
    vertx.setTimer(
        Math.max(SETTLE_MILLIS, pause - past),
        id -> {
          waiting = false;
          send();
        });
  }

  private void send() {
    long now = System.nanoTime();
    news.next(now)
        .ifPresent(
            load -> {
              lastNanos = now;
              vertx.eventBus().publish(LOADS, load);
            });
  }
}
