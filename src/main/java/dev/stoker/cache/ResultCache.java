package dev.stoker.cache;

import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Results by key, bounded in bytes, and the single flight of runs by key. Thread-safe. */
public interface ResultCache {
  /** The result stored under the key, if it is not too old. */
  Optional<CachedResult> get(CacheKey key);

  /**
   * Stores a success. Anything else, or a result larger than a tenth of the cache, is not stored.
   */
  void put(CacheKey key, RunRecord result, Duration ttl);

  /** Forgets one tool's results, or all. Runs under way that began before it store nothing. */
  int purge(Optional<String> tool);

  /**
   * Makes {@code candidate} the run of this key, unless there is one.
   *
   * @return the run of the key: {@code candidate} itself when it leads
   */
  RunId lead(CacheKey key, RunId candidate);

  /** Ends a lead; nothing happens when {@code leader} does not lead the key. */
  void release(CacheKey key, RunId leader);

  /** Whether a stored result refers to the blob. */
  Predicate<Digest> references();
}
