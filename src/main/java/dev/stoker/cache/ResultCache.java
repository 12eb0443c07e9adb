package dev.stoker.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Results by key, bounded in bytes, and the single flight of runs by key. Thread-safe. */
public interface ResultCache {
  /**
   * An empty cache on this machine's clocks.
   *
   * @param max heap that the results may take; zero stores nothing
   */
  static ResultCache create(ByteSize max) {
    return create(max, Clock.systemUTC(), Ticker.systemTicker());
  }

  /**
   * An empty cache.
   *
   * @param clock what the records' times are by
   * @param ticker what the results' age is by
   */
  static ResultCache create(ByteSize max, Clock clock, Ticker ticker) {
    return new CaffeineResultCache(max, clock, ticker);
  }

  /** The result stored under the key, if it is not too old. Never blocks. */
  Optional<CachedResult> get(CacheKey key);

  /**
   * The result stored under the key on any level; one that is found is then on this node's too.
   * Empty, at once, where there is no other level. Never fails: a level that cannot be asked has
   * nothing.
   */
  default Future<Optional<CachedResult>> fetch(CacheKey key) {
    return Future.succeededFuture(get(key));
  }

  /**
   * Makes {@code candidate}, a run of this node, the run of the key in the whole cluster, unless
   * another node's run is; a run whose node has left is none. To be called by who leads here, and
   * ended by {@link #release}. Never fails: where the cluster cannot be asked the candidate leads.
   *
   * @return the run that leads elsewhere; empty when the candidate leads
   */
  default Future<Optional<Flight>> claim(CacheKey key, RunId candidate) {
    return Future.succeededFuture(Optional.empty());
  }

  /** A run of another node. */
  record Flight(RunId run, NodeId home) {}

  /**
   * Stores a success. Anything else, a result larger than a tenth of the cache, or one whose run
   * was submitted before the last {@link #purge} of its tool, is not stored.
   *
   * @param ttl from now; zero or less stores nothing
   */
  void put(CacheKey key, RunRecord result, Duration ttl);

  /**
   * Forgets one tool's results, or all. Runs under way that began before it store nothing, and no
   * new run joins them: their leads are over.
   *
   * @return how many results were forgotten
   */
  int purge(Optional<String> tool);

  /**
   * Makes {@code candidate} the run of this key, unless there is one. Who leads must {@link
   * #release}, however its run ends.
   *
   * @return the run of the key: {@code candidate} itself when it leads
   */
  RunId lead(CacheKey key, RunId candidate);

  /** Ends a lead; nothing happens when {@code leader} does not lead the key. */
  void release(CacheKey key, RunId leader);

  /** Whether a stored result refers to the blob: a look at every result as of now. */
  Predicate<Digest> references();
}
