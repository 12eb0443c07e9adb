package dev.stoker.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.stoker.cache.PurgeTimes.Purge;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which blobs the cluster's results may still want of this node: those of the results that it has
 * put or fetched, since it is such a result's blobs that are in its store. Thread-safe.
 *
 * <p>It forgets a result when its time is over, when it is purged, and when the results it has are
 * more than one node's share of the cluster's level, the least recently used first: about what that
 * level does with the results themselves, without asking it.
 */
final class BlobIndex {
  private final Cache<CacheKey, Entry> entries;

  private record Entry(Set<Digest> blobs, Instant submittedAt, Duration ttl, int weight) {}

  BlobIndex(ByteSize clusterMax, Ticker ticker) {
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(clusterMax.bytes())
            .weigher((CacheKey key, Entry entry) -> entry.weight())
            .expireAfter(Expiry.creating((CacheKey key, Entry entry) -> entry.ttl()))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  void add(CacheKey key, CachedResult cached, Duration ttl) {
    Set<Digest> blobs = Blobs.of(cached.run());
    if (!blobs.isEmpty()) {
      long weight = Math.min(Integer.MAX_VALUE, Weight.of(key, cached.run()));
      entries.put(key, new Entry(blobs, cached.run().submittedAt(), ttl, (int) weight));
    }
  }

  /** Results of runs from after the purge stay: it may be heard of late. */
  void forget(Purge purge) {
    entries
        .asMap()
        .entrySet()
        .removeIf(entry -> purge.means(entry.getKey().tool(), entry.getValue().submittedAt()));
  }

  Predicate<Digest> references() {
    Set<Digest> digests = new HashSet<>();
    entries.asMap().values().forEach(entry -> digests.addAll(entry.blobs()));
    return digests::contains;
  }
}
