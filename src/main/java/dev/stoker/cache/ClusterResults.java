package dev.stoker.cache;

import com.hazelcast.map.IMap;
import com.hazelcast.query.Predicate;
import com.hazelcast.query.Predicates;
import dev.stoker.cache.PurgeTimes.Purge;
import dev.stoker.run.ByteSize;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The level that all nodes share. Thread-safe; nothing blocks, nothing fails. */
final class ClusterResults {
  /** An answer that takes longer than this is no quicker than many a run. */
  static final Duration FETCH_MAX = Duration.ofMillis(200);

  /** Those who wait for the end of a run wait this much longer at most. */
  private static final Duration PUT_MAX = Duration.ofMillis(500);

  private static final Duration FORGET_MAX = Duration.ofSeconds(2);

  /** Results on their way to the map: a map that hangs must not hold the heap. */
  static final long WRITING_BYTES_MAX = 16L << 20;

  private static final int SHARE_MAX = 10;

  private final ClusterCalls calls;
  private final IMap<String, byte[]> map;
  private final long largestBytes;
  private final AtomicLong writingBytes = new AtomicLong();

  ClusterResults(ClusterCalls calls, IMap<String, byte[]> map, ByteSize max) {
    this.calls = calls;
    this.map = map;
    this.largestBytes = max.bytes() / SHARE_MAX;
  }

  Future<Optional<CachedResult>> fetch(CacheKey key) {
    if (largestBytes == 0) {
      return Future.succeededFuture(Optional.empty());
    }
    return calls
        .ask(
            "fetch a result of " + key.tool(),
            () ->
                map.getAsync(ClusterMaps.key(key))
                    .thenApplyAsync(Optional::ofNullable, Runnable::run),
            FETCH_MAX,
            Optional.<byte[]>empty())
        .map(
            bytes ->
                bytes.flatMap(this::decode).filter(found -> found.run().tool().equals(key.tool())));
  }

  private Optional<CachedResult> decode(byte[] bytes) {
    try {
      return Optional.of(ResultBytes.decode(bytes));
    } catch (RuntimeException e) {
      // A node of another version has written it.
      calls.failed("read a result", String.valueOf(e));
      return Optional.empty();
    }
  }

  /** Stores a result, unless it is too large or too much is on its way. Never fails. */
  Future<Void> put(CacheKey key, CachedResult cached, Duration ttl) {
    if (largestBytes == 0) {
      return Future.succeededFuture();
    }
    byte[] bytes = ResultBytes.encode(cached);
    if (bytes.length > largestBytes) {
      return Future.succeededFuture();
    }
    String what = "store a result of " + key.tool();
    if (writingBytes.addAndGet(bytes.length) > WRITING_BYTES_MAX) {
      writingBytes.addAndGet(-bytes.length);
      calls.failed(what, WRITING_BYTES_MAX + " bytes are on their way");
      return Future.succeededFuture();
    }
    // Whole seconds are what the map counts in; the exact time is in the bytes.
    long seconds = ttl.plusSeconds(1).toSeconds();
    return calls.await(
        calls.begin(what, () -> storing(ClusterMaps.key(key), bytes, seconds)), PUT_MAX);
  }

  private CompletionStage<Boolean> storing(String key, byte[] bytes, long seconds) {
    CompletionStage<Boolean> stored;
    try {
      stored =
          map.setAsync(key, bytes, seconds, TimeUnit.SECONDS)
              .thenApplyAsync(set -> true, Runnable::run);
    } catch (RuntimeException e) {
      stored = CompletableFuture.failedFuture(e);
    }
    return stored.whenCompleteAsync(
        (set, failure) -> writingBytes.addAndGet(-bytes.length), Runnable::run);
  }

  /** Whether results are on their way to the map. */
  boolean isWriting() {
    return writingBytes.get() > 0;
  }

  /** Takes what a purge means out of the map: how many results, as far as that is told in time. */
  Future<Integer> forget(Purge purge) {
    Predicate<String, byte[]> meant =
        purge
            .tool()
            // A tool's name has no character that this pattern would not take as it is.
            .<Predicate<String, byte[]>>map(tool -> Predicates.like("__key", tool + "/%"))
            .orElseGet(Predicates::alwaysTrue);
    return calls.ask("purge", () -> removing(meant), FORGET_MAX, 0);
  }

  private CompletionStage<Integer> removing(Predicate<String, byte[]> meant) {
    return calls.blocking(
        () -> {
          int count = map.keySet(meant).size();
          map.removeAll(meant);
          return count;
        });
  }
}
