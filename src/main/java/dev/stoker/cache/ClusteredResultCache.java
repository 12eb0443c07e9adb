package dev.stoker.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import com.hazelcast.core.HazelcastInstance;
import dev.stoker.cache.PurgeTimes.Purge;
import dev.stoker.cluster.Members;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/** The cache of a node in a cluster: its own level in front of the shared one. Thread-safe. */
final class ClusteredResultCache implements ResultCache {
  private final CaffeineResultCache local;
  private final BlobIndex blobs;
  private final ClusterCalls calls;
  private final ClusterResults shared;
  private final Flights flights;
  private final Purges purges;
  private final Duration clockSkew;
  private final Vertx vertx;
  private final Clock clock;

  private ClusteredResultCache(
      CacheSettings settings,
      HazelcastInstance hazelcast,
      Members members,
      Vertx vertx,
      Clock clock,
      Ticker ticker) {
    this.clockSkew = settings.clockSkew();
    this.vertx = vertx;
    this.clock = clock;
    this.local = new CaffeineResultCache(settings.nodeMax(), clock, ticker);
    this.blobs = new BlobIndex(settings.clusterMax(), ticker);
    this.calls = new ClusterCalls(vertx);
    this.shared =
        new ClusterResults(calls, ClusterMaps.results(hazelcast, settings), settings.clusterMax());
    this.flights =
        new Flights(calls, ClusterMaps.flights(hazelcast, settings), members, local.purges());
    this.purges =
        new Purges(
            calls, ClusterMaps.purges(hazelcast), members, vertx, local.purges(), this::forget);
  }

  /** As {@link ResultCache#clustered}, on these clocks. Blocks. */
  static ClusteredResultCache open(
      CacheSettings settings,
      HazelcastInstance hazelcast,
      Members members,
      Vertx vertx,
      Clock clock,
      Ticker ticker) {
    ClusteredResultCache cache =
        new ClusteredResultCache(settings, hazelcast, members, vertx, clock, ticker);
    try {
      cache.purges.open();
    } catch (RuntimeException e) {
      cache.close();
      throw e;
    }
    return cache;
  }

  @Override
  public Optional<CachedResult> get(CacheKey key) {
    return local.get(key);
  }

  @Override
  public Future<Optional<CachedResult>> fetch(CacheKey key) {
    Optional<CachedResult> here = local.get(key);
    return here.isPresent()
        ? Future.succeededFuture(here)
        : shared.fetch(key).map(found -> found.filter(result -> admit(key, result)));
  }

  /** Whether another node's result may be given; then it is kept here for what is left to it. */
  private boolean admit(CacheKey key, CachedResult found) {
    Duration whole = Duration.between(found.storedAt(), found.expiresAt());
    Duration left = Duration.between(clock.instant(), found.expiresAt());
    if (left.isNegative() || left.isZero()) {
      return false;
    }
    // A clock that is behind the writer's must not make more of it than there was.
    Duration ttl = left.compareTo(whole) < 0 ? left : whole;
    if (!local.keep(key, found, ttl)) {
      return false;
    }
    blobs.add(key, found, ttl);
    return true;
  }

  @Override
  public Future<Void> put(CacheKey key, RunRecord result, Duration ttl) {
    Optional<CachedResult> accepted = local.accept(key, result, ttl);
    if (accepted.isEmpty() || !local.keep(key, accepted.get(), ttl)) {
      return Future.succeededFuture();
    }
    blobs.add(key, accepted.get(), ttl);
    return shared.put(key, accepted.get(), ttl);
  }

  @Override
  public Future<Integer> purge(Optional<String> tool) {
    // A run of a node whose clock is ahead must not look as if it began after the purge: so the
    // purge is later by that much, and takes until a run that comes next, on a node whose clock is
    // behind, does not look as if it began before.
    Instant at = clock.instant().plus(clockSkew);
    Purge purge = new Purge(tool, at);
    int here = local.forget(purge);
    blobs.forget(purge);
    Future<Void> passed = vertx.timer(Math.max(1, 2 * clockSkew.toMillis())).mapEmpty();
    return purges
        .tell(purge)
        .compose(told -> shared.forget(purge))
        .compose(there -> passed.map(Math.max(here, there)));
  }

  /** Hears of a purge. */
  private void forget(Purge purge) {
    local.forget(purge);
    blobs.forget(purge);
  }

  @Override
  public RunId lead(CacheKey key, RunId candidate) {
    return local.lead(key, candidate);
  }

  @Override
  public Future<Optional<Flight>> claim(CacheKey key, RunId candidate) {
    return flights.claim(key, candidate);
  }

  @Override
  public void release(CacheKey key, RunId leader) {
    local.release(key, leader);
    flights.release(key, leader);
  }

  @Override
  public Holding holding() {
    return local.holding();
  }

  @Override
  public Predicate<Digest> references() {
    return local.references().or(blobs.references());
  }

  @Override
  public long clusterFailures() {
    return calls.failures();
  }

  /** Whether the shared level has not yet heard of every put; for tests of what it does then. */
  boolean isWriting() {
    return shared.isWriting();
  }

  @Override
  public void close() {
    purges.close();
    calls.close();
  }
}
