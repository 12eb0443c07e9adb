package dev.stoker.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import com.hazelcast.core.HazelcastInstance;
import dev.stoker.cluster.Members;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Results by key, bounded in bytes, and the single flight of runs by key. Thread-safe.
 *
 * <p>A result is a run's record: what it holds of the streams is at most {@code output.memory} of
 * each, and all the rest, files too, are blobs that it names by digest. So a level holds large
 * results by reference only; bytes stay in the blob stores.
 *
 * <p>In a cluster there are two levels: each node's own, and a map that all nodes share, each entry
 * on two of them. Losing one node loses no result of the map.
 */
public interface ResultCache extends AutoCloseable {
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

  /**
   * An empty node level in front of the cluster's level. Blocks until the cluster has told what was
   * purged: not for event loops. To be made after the node has joined and before it serves.
   *
   * @param hazelcast the member that this node is; stays the caller's to shut down
   * @param vertx answers come on its contexts; purges go over its event bus
   */
  static ResultCache clustered(
      CacheSettings settings, HazelcastInstance hazelcast, Members members, Vertx vertx) {
    return ClusteredResultCache.open(
        settings, hazelcast, members, vertx, Clock.systemUTC(), Ticker.systemTicker());
  }

  /** The result stored under the key on this node, if it is not too old. Never blocks. */
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
   * Stores a success on every level. Anything else, a result larger than a tenth of the cache, or
   * one whose run was submitted before the last {@link #purge} of its tool, is not stored.
   *
   * @param ttl from now; zero or less stores nothing
   * @return completes when every level has it or will not have it; at once on a node that is alone.
   *     Never fails
   */
  Future<Void> put(CacheKey key, RunRecord result, Duration ttl);

  /**
   * Forgets one tool's results, or all, on every node. Runs under way that began before it store
   * nothing, and no new run joins them: their leads are over. When the future completes, no node
   * that can be reached gives what was purged; one that is cut off hears of it within two seconds
   * after it is back, and one that joins later before it serves. Never fails.
   *
   * @return how many results were forgotten, as far as the nodes have told
   */
  Future<Integer> purge(Optional<String> tool);

  /**
   * Makes {@code candidate} the run of this key, unless there is one. Who leads must {@link
   * #release}, however its run ends.
   *
   * @return the run of the key: {@code candidate} itself when it leads
   */
  RunId lead(CacheKey key, RunId candidate);

  /** Ends a lead; nothing happens when {@code leader} does not lead the key. */
  void release(CacheKey key, RunId leader);

  /**
   * Whether a stored result refers to the blob: a look at every result as of now. In a cluster, of
   * every result that this node has put or fetched and that, as far as it knows, may still be on
   * any level: their blobs may be in this node's store. Neither this nor the predicate blocks.
   */
  Predicate<Digest> references();

  /** What this node holds. Never blocks for long: it may wait for an eviction under way. */
  Holding holding();

  /** How often the cluster could not be asked or told in time, since the start. */
  default long clusterFailures() {
    return 0;
  }

  /** Stops taking part in the cluster. Idempotent; nothing may be called afterwards. */
  @Override
  default void close() {}
}
