package dev.stoker.cache;

import com.hazelcast.map.IMap;
import dev.stoker.cache.ResultCache.Flight;
import dev.stoker.cluster.Members;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which run makes the result of a key, in the whole cluster: a lease in a map, of the run and its
 * home. Thread-safe; nothing blocks, nothing fails.
 *
 * <p>A flight is void, and whoever finds it so takes it by compare-and-set, when its home is not in
 * the cluster in that very life; when its tool was purged after it began; and when it is this
 * node's own, since whoever asks here leads here. A node must have announced itself to the members
 * before it claims, or they take its flights for void.
 *
 * <p>Where the cluster splits, or does not answer, each side has a flight of its own: one process
 * more, never a wrong result.
 */
final class Flights {
  static final Duration CLAIM_MAX = Duration.ofMillis(500);
  private static final int TRIES_MAX = 20;
  private static final int RUN_MILLIS_SHIFT = 16;

  private final ClusterCalls calls;
  private final IMap<String, String> map;
  private final Members members;
  private final PurgeTimes purges;

  /** Claims of this node until they are released; the stage ends when the map has been asked. */
  private final ConcurrentHashMap<Claim, CompletionStage<?>> claims = new ConcurrentHashMap<>();

  private record Claim(CacheKey key, RunId run) {}

  Flights(ClusterCalls calls, IMap<String, String> map, Members members, PurgeTimes purges) {
    this.calls = calls;
    this.map = map;
    this.members = members;
    this.purges = purges;
  }

  Future<Optional<Flight>> claim(CacheKey key, RunId candidate) {
    return calls.ask(
        "claim a flight of " + key.tool(),
        () -> {
          CompletionStage<Optional<Flight>> asked = calls.blocking(() -> claimNow(key, candidate));
          claims.put(new Claim(key, candidate), asked);
          return asked;
        },
        CLAIM_MAX,
        Optional.empty());
  }

  void release(CacheKey key, RunId leader) {
    CompletionStage<?> asked = claims.remove(new Claim(key, leader));
    if (asked == null) {
      return;
    }
    // Never before the claim is through: it would leave a flight that has ended.
    asked.whenCompleteAsync(
        (flight, failure) -> {
          if (failure != null || flight.equals(Optional.empty())) {
            calls.begin(
                "end a flight of " + key.tool(), () -> calls.blocking(() -> end(key, leader)));
          }
        },
        Runnable::run);
  }

  private Optional<Flight> claimNow(CacheKey key, RunId candidate) {
    String own = text(candidate);
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      String other = map.putIfAbsent(ClusterMaps.key(key), own);
      if (other == null || other.equals(own)) {
        return Optional.empty();
      }
      Flight flight = parse(other);
      if (flight != null && !isVoid(key, flight)) {
        return Optional.of(flight);
      }
      if (map.replace(ClusterMaps.key(key), other, own)) {
        return Optional.empty();
      }
    }
    throw new IllegalStateException("the flight was another's " + TRIES_MAX + " times");
  }

  private boolean end(CacheKey key, RunId leader) {
    return map.remove(ClusterMaps.key(key), text(leader));
  }

  private boolean isVoid(CacheKey key, Flight flight) {
    return flight.home().equals(members.self())
        || !members.isPresent(flight.home())
        || purges.since(key.tool(), madeAt(flight.run()));
  }

  /** A run's id begins with the milliseconds in which it was made. */
  private static Instant madeAt(RunId run) {
    return Instant.ofEpochMilli(run.value().getMostSignificantBits() >>> RUN_MILLIS_SHIFT);
  }

  private String text(RunId run) {
    return run + " " + members.self();
  }

  private static @Nullable Flight parse(String text) {
    int space = text.indexOf(' ');
    try {
      return new Flight(
          RunId.parse(text.substring(0, Math.max(0, space))),
          NodeId.parse(text.substring(space + 1)));
    } catch (IllegalArgumentException e) {
      // Another version's: void.
      return null;
    }
  }
}
