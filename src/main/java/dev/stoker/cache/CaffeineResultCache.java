package dev.stoker.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Captured;
import dev.stoker.run.Digest;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The cache of one node. Thread-safe: it has no lock of its own, each key has Caffeine's. */
final class CaffeineResultCache implements ResultCache {
  private static final int SHARE_MAX = 10;

  private final Clock clock;
  private final long largestBytes;
  private final PurgeTimes purges = new PurgeTimes();
  private final ConcurrentHashMap<CacheKey, RunId> leaders = new ConcurrentHashMap<>();
  private final Cache<CacheKey, Stored> results;

  CaffeineResultCache(ByteSize max, Clock clock, Ticker ticker) {
    this.clock = clock;
    this.largestBytes = max.bytes() / SHARE_MAX;
    this.results =
        Caffeine.newBuilder()
            .maximumWeight(max.bytes())
            .weigher((CacheKey key, Stored stored) -> stored.weight())
            .expireAfter(Expiry.creating((CacheKey key, Stored stored) -> stored.ttl()))
            .ticker(ticker)
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
  public void put(CacheKey key, RunRecord result, Duration ttl) {
    long weight = Weight.of(key, result);
    if (result.state() != RunState.SUCCEEDED
        || weight > Math.min(largestBytes, Integer.MAX_VALUE)
        || ttl.isNegative()
        || ttl.isZero()
        || purges.since(key.tool(), result.submittedAt())) {
      return;
    }
    Instant now = clock.instant();
    CachedResult cached = new CachedResult(result, now, now.plus(ttl));
    Stored stored = new Stored(Optional.of(cached), ttl, (int) weight);
    results.put(key, stored);
    // A purge that came between the check and the put has not seen the result.
    if (purges.since(key.tool(), result.submittedAt())) {
      results.asMap().remove(key, stored);
    }
  }

  @Override
  public int purge(Optional<String> tool) {
    // The time first: what is put from now on is refused, what was put before is found below.
    purges.record(tool, clock.instant());
    Predicate<CacheKey> meant = key -> tool.isEmpty() || key.tool().equals(tool.get());
    leaders.keySet().removeIf(meant);
    int forgotten = 0;
    for (CacheKey key : results.asMap().keySet()) {
      if (meant.test(key) && results.asMap().remove(key) != null) {
        forgotten++;
      }
    }
    return forgotten;
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
  public Predicate<Digest> references() {
    Set<Digest> digests = new HashSet<>();
    for (Stored stored : results.asMap().values()) {
      RunRecord run = stored.result().orElseThrow().run();
      run.outputs().values().stream().map(OutputFile::blob).forEach(digests::add);
      addTo(digests, run.stdout());
      addTo(digests, run.stderr());
    }
    return digests::contains;
  }

  private static void addTo(Set<Digest> digests, Captured stream) {
    @Nullable Digest blob = stream.blob();
    if (blob != null) {
      digests.add(blob);
    }
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
