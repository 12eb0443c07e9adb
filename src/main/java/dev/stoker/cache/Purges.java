package dev.stoker.cache;

import com.hazelcast.map.IMap;
import dev.stoker.cache.PurgeTimes.Purge;
import dev.stoker.cluster.Members;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was purged when, the same on every node. Thread-safe.
 *
 * <p>A purge is told to each node over the bus, and is done when they have answered. Whoever misses
 * it, being cut off or not there yet, reads it: all times are under one key of a map, and every
 * node compares them with its own at its start, whenever members change, and every {@link
 * #COMPARE_EVERY}. Times only go up, and each side learns what only the other knows, so a merge
 * after a split loses none.
 */
final class Purges implements AutoCloseable {
  static final Duration COMPARE_EVERY = Duration.ofSeconds(2);
  static final Duration TELL_MAX = Duration.ofMillis(500);
  private static final Duration COMPARE_MAX = Duration.ofSeconds(1);
  private static final String ADDRESS = "stoker.cache.purge.v1.";
  private static final String KEY = "times";
  private static final int TRIES_MAX = 100;

  private final ClusterCalls calls;
  private final IMap<String, String> map;
  private final Members members;
  private final Vertx vertx;
  private final PurgeTimes known;
  private final Consumer<Purge> news;
  private final AtomicReference<Comparing> comparing = new AtomicReference<>(Comparing.NOT);
  private @Nullable MessageConsumer<String> consumer;
  private long timer;
  private volatile boolean closed;

  private enum Comparing {
    NOT,
    ONCE,
    AGAIN
  }

  /**
   * @param news is told of each purge that this node has not known; by any thread; notes it in
   *     {@code known}
   */
  Purges(
      ClusterCalls calls,
      IMap<String, String> map,
      Members members,
      Vertx vertx,
      PurgeTimes known,
      Consumer<Purge> news) {
    this.calls = calls;
    this.map = map;
    this.members = members;
    this.vertx = vertx;
    this.known = known;
    this.news = news;
  }

  /** Learns what was purged so far, and from then on. Blocks. */
  void open() {
    MessageConsumer<String> listening = vertx.eventBus().consumer(ADDRESS + members.self());
    consumer =
        listening.handler(
            message -> {
              learn(message.body());
              message.reply("");
            });
    // Who is told over the bus only must have been there to be told, or read what came before.
    listening.completion().await();
    compareNow();
    members.onChange(this::compare);
    timer = vertx.setPeriodic(COMPARE_EVERY.toMillis(), id -> compare());
  }

  /** Tells every node of a purge that this one has noted: those that can be reached, in time. */
  Future<Void> tell(Purge purge) {
    DeliveryOptions options = new DeliveryOptions().setSendTimeout(TELL_MAX.toMillis());
    List<Future<Object>> told =
        members.present().keySet().stream()
            .filter(node -> !node.equals(members.self()))
            .map(node -> tell(node, purge, options))
            .toList();
    Future<Boolean> written =
        calls.ask("write a purge", () -> calls.blocking(this::compareNow), COMPARE_MAX, false);
    return Future.join(told).otherwiseEmpty().eventually(() -> written).mapEmpty();
  }

  private Future<Object> tell(NodeId node, Purge purge, DeliveryOptions options) {
    return vertx
        .eventBus()
        .request(ADDRESS + node, purge.line(), options)
        .onFailure(e -> calls.failed("tell " + node + " of a purge", String.valueOf(e)))
        .mapEmpty();
  }

  /** Compares soon; never twice at once, and once more when asked meanwhile. */
  private void compare() {
    Comparing before =
        comparing.getAndUpdate(now -> now == Comparing.NOT ? Comparing.ONCE : Comparing.AGAIN);
    if (before == Comparing.NOT && !closed) {
      begin();
    }
  }

  private void begin() {
    calls
        .begin("compare purges", () -> calls.blocking(this::compareNow))
        .whenCompleteAsync(
            (done, failure) -> {
              Comparing was =
                  comparing.getAndUpdate(
                      now -> now == Comparing.AGAIN ? Comparing.ONCE : Comparing.NOT);
              if (was == Comparing.AGAIN && !closed) {
                begin();
              }
            },
            Runnable::run);
  }

  /** Learns what the map knows, and has it know what this node knows. */
  private boolean compareNow() {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      String there = map.get(KEY);
      learn(there);
      String here = known.text();
      if (here.equals(there == null ? "" : there)) {
        return true;
      }
      if (there == null ? map.putIfAbsent(KEY, here) == null : map.replace(KEY, there, here)) {
        return true;
      }
    }
    throw new IllegalStateException("the purges changed " + TRIES_MAX + " times");
  }

  private void learn(@Nullable String text) {
    for (Purge purge : PurgeTimes.read(text)) {
      if (!known.knows(purge)) {
        news.accept(purge);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    vertx.cancelTimer(timer);
    MessageConsumer<String> listening = consumer;
    if (listening != null) {
      listening.unregister();
    }
  }
}
