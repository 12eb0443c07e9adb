package dev.stoker.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.stoker.cache.PurgeTimes.Purge;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/** The cache of one node. Thread-safe: it has no lock of its own, each key has Caffeine's. */
final class CaffeineResultCache implements ResultCache {
  private static final int SHARE_MAX = 10;

  private final Clock clock;
  private final long maxBytes;
  private final long largestBytes;
  private final LongAdder evicted = new LongAdder();
  private final PurgeTimes purges = new PurgeTimes();
  private final ConcurrentHashMap<CacheKey, RunId> leaders = new ConcurrentHashMap<>();
  private final Cache<CacheKey, Stored> results;

  CaffeineResultCache(ByteSize max, Clock clock, Ticker ticker) {
    this.clock = clock;
    this.maxBytes = max.bytes();
    this.largestBytes = Math.min(max.bytes() / SHARE_MAX, Integer.MAX_VALUE);
    this.results =
        Caffeine.newBuilder()
            .maximumWeight(max.bytes())
            .weigher((CacheKey key, Stored stored) -> stored.weight())
            .expireAfter(Expiry.creating((CacheKey key, Stored stored) -> stored.ttl()))
            .ticker(ticker)
            // Not recordStats(), which would count each hit once more.
            .evictionListener((key, stored, cause) -> evicted.increment())
            // Eviction is a few list operations: cheaper where it falls due than handed over.
            .executor(Runnable::run)
            .build();
  }

  @Override
  public Optional<CachedResult> get(CacheKey key) {
    Stored stored = results.getIfPresent(key);
    return stored == null ? Optional.empty() : stored.asOptional();
  }

  @Override
  public Future<Void> put(CacheKey key, RunRecord result, Duration ttl) {
    accept(key, result, ttl).ifPresent(accepted -> keep(key, accepted, ttl));
    return Future.succeededFuture();
  }

  /** The result as it may be stored for {@code ttl} from now; empty when it may not. */
  Optional<CachedResult> accept(CacheKey key, RunRecord result, Duration ttl) {
    if (result.state() != RunState.SUCCEEDED
        || ttl.isNegative()
        || ttl.isZero()
        || purges.since(key.tool(), result.submittedAt())) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    return Optional.of(new CachedResult(result, now, now.plus(ttl)));
  }

  /**
   * Keeps a result that has been accepted, here or on another node, unless it is too large.
   *
   * @param ttl what is left to it
   * @return whether no purge has overtaken it
   */
  boolean keep(CacheKey key, CachedResult cached, Duration ttl) {
    RunRecord result = cached.run();
    long weight = Weight.of(key, result);
    Stored stored = new Stored(Optional.of(cached), ttl, (int) Math.min(weight, largestBytes));
    boolean fits = weight <= largestBytes;
    if (fits) {
      results.put(key, stored);
    }
    // A purge that came between the check and the put has not seen the result.
    boolean purged = purges.since(key.tool(), result.submittedAt());
    if (purged && fits) {
      results.asMap().remove(key, stored);
    }
    return !purged;
  }

  @Override
  public Future<Integer> purge(Optional<String> tool) {
    return Future.succeededFuture(forget(new Purge(tool, clock.instant())));
  }

  /**
   * Forgets what a purge means, and stores nothing more of runs from before it.
   *
   * @return how many results were forgotten
   */
  int forget(Purge purge) {
    // The time first: what is put from now on is refused, what was put before is found below.
    purges.record(purge.tool(), purge.at());
    Predicate<CacheKey> meant =
        key -> purge.tool().isEmpty() || key.tool().equals(purge.tool().get());
    leaders.keySet().removeIf(meant);
    int forgotten = 0;
    for (CacheKey key : results.asMap().keySet()) {
      if (meant.test(key) && results.asMap().remove(key) != null) {
        forgotten++;
      }
    }
    return forgotten;
  }

  /** What this node knows of purges. */
  PurgeTimes purges() {
    return purges;
  }

  @Override
  public RunId lead(CacheKey key, RunId candidate) {
    RunId leader = leaders.putIfAbsent(key, candidate);
    return leader == null ? candidate : leader;
  }

  @Override
  public void release(CacheKey key, RunId leader) {
    leaders.remove(key, leader);
  }

  @Override
  public Holding holding() {
    return new Holding(results.estimatedSize(), weight(), maxBytes, evicted.sum());
  }

  @Override
  public Predicate<Digest> references() {
    Set<Digest> digests = new HashSet<>();
    for (Stored stored : results.asMap().values()) {
      digests.addAll(Blobs.of(stored.result().orElseThrow().run()));
    }
    return digests::contains;
  }

  /** Runs the evictions that are due; for tests of the bound. */
  void settle() {
    results.cleanUp();
  }

  /** Heap that the results take, as weighed. */
  long weight() {
    return results.policy().eviction().orElseThrow().weightedSize().orElse(0);
  }

  /** A result as kept; the Optional is made once, since a hit gives nothing else. */
  private record Stored(Optional<CachedResult> result, Duration ttl, int weight) {
    Optional<CachedResult> asOptional() {
      return result;
    }
  }
}
