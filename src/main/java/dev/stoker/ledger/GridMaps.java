package dev.stoker.ledger;

import com.hazelcast.config.EvictionConfig;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.InvalidConfigurationException;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.map.IMap;
import com.hazelcast.partition.PartitionService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The maps of the cluster that decide on runs, each entry on two members. Nothing here waits longer
 * than {@link #PATIENCE}, whatever the cluster does; what fails, fails with {@link GridException}.
 * Thread-safe.
 */
final class GridMaps implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(GridMaps.class);

  /** As the cluster names what refuses reads and writes on the smaller side of a split. */
  private static final String PROTECTION = "stoker";

  private static final String PREFIX = "stoker.ledger.";
  private static final String PROBE = "probe";
  private static final int ENDED_SECONDS = 3600;
  private static final int ENDED_PER_MEMBER = 20_000;
  private static final int SCANS_WAITING_MAX = 4;

  final IMap<String, byte[]> runs;
  final IMap<String, byte[]> ended;
  final IMap<String, byte[]> keys;

  // A look at all entries has no asynchronous form.
  private final ExecutorService scans;
  private final PartitionService partitions;
  private final AtomicBoolean suspect = new AtomicBoolean();

  GridMaps(HazelcastInstance hazelcast, LedgerSettings settings) {
    MergePolicyConfig merge = new MergePolicyConfig().setPolicy(GridMerge.class.getName());
    this.runs = map(hazelcast, new MapConfig(PREFIX + "runs").setMergePolicyConfig(merge));
    this.ended =
        map(
            hazelcast,
            new MapConfig(PREFIX + "ended")
                .setMergePolicyConfig(merge)
                .setTimeToLiveSeconds(ENDED_SECONDS)
                .setEvictionConfig(bound(ENDED_PER_MEMBER)));
    this.keys =
        map(
            hazelcast,
            new MapConfig(PREFIX + "keys")
                .setTimeToLiveSeconds(
                    Math.clamp(settings.keepFor().toSeconds(), 1, Integer.MAX_VALUE))
                .setEvictionConfig(bound(Math.max(ENDED_PER_MEMBER, settings.keepRuns()))));
    this.scans =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(SCANS_WAITING_MAX),
            Thread.ofPlatform().name("stoker-ledger-scan").daemon().factory());
    this.partitions = hazelcast.getPartitionService();
    partitions.addPartitionLostListener(lost -> suspect.set(true));
    hazelcast
        .getLifecycleService()
        .addLifecycleListener(
            event -> {
              if (event.getState() == LifecycleState.MERGED) {
                suspect.set(true);
              }
            });
  }

  private static IMap<String, byte[]> map(HazelcastInstance hazelcast, MapConfig config) {
    // A merge policy is given whole entries only with their statistics.
    config.setPerEntryStatsEnabled(true).setBackupCount(1);
    if (hazelcast.getConfig().getSplitBrainProtectionConfigs().containsKey(PROTECTION)) {
      config.setSplitBrainProtectionName(PROTECTION);
    }
    try {
      hazelcast.getConfig().addMapConfig(config);
    } catch (InvalidConfigurationException e) {
      LOG.warn("{} is as another node has configured it, not as this one is", config.getName(), e);
    }
    return hazelcast.getMap(config.getName());
  }

  private static EvictionConfig bound(int entries) {
    return new EvictionConfig()
        .setEvictionPolicy(EvictionPolicy.LRU)
        .setMaxSizePolicy(MaxSizePolicy.PER_NODE)
        .setSize(entries);
  }

  /**
   * Whether, since the last time it was asked, something was done that had been given up, maps were
   * merged after a split, or entries were lost with members: some may be wrong or missing.
   */
  boolean isSuspect() {
    return suspect.getAndSet(false);
  }

  /** Begins something; fails as the operation does or when it takes too long. */
  <T extends @Nullable Object> CompletableFuture<T> ask(
      Supplier<? extends CompletionStage<T>> operation) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      operation
          .get()
          .whenComplete(
              (value, failure) -> {
                boolean inTime =
                    failure == null
                        ? answer.complete(value)
                        : answer.completeExceptionally(failure);
                if (!inTime) {
                  suspect.set(true);
                }
              });
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
    }
    return answer.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Waits for all of them; they run side by side. */
  static <T extends @Nullable Object> List<T> all(List<CompletableFuture<T>> begun) {
    List<T> results = new ArrayList<>(begun.size());
    begun.forEach(one -> results.add(result(one)));
    return results;
  }

  /** Waits for what {@link #ask} has begun. */
  static <T extends @Nullable Object> T result(CompletableFuture<T> begun) {
    try {
      return begun.get();
    } catch (ExecutionException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      throw new GridException("the cluster's maps cannot be used: " + why, why);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GridException("interrupted", e);
    }
  }

  /** Finds out whether they can be written; the answer has nothing in it. */
  CompletableFuture<Map<String, String>> writable() {
    return ask(() -> keys.setAsync(PROBE, new byte[0])).thenApply(done -> Map.of());
  }

  /**
   * The homes of all unfinished runs, by the run; empty for nobody's. Fails while this member has
   * something of which no other has a backup yet, as after the first others have joined it.
   */
  CompletableFuture<Map<String, String>> homesWhenSafe() {
    return scan(
        () -> {
          if (!partitions.isLocalMemberSafe()) {
            throw new IllegalStateException("the members have not made their backups yet");
          }
          return homesNow();
        });
  }

  /** The same, at any time. */
  CompletableFuture<Map<String, String>> homes() {
    return scan(this::homesNow);
  }

  private CompletableFuture<Map<String, String>> scan(Supplier<Map<String, String>> look) {
    return ask(() -> CompletableFuture.supplyAsync(look, scans));
  }

  private Map<String, String> homesNow() {
    return GridHome.ofUnfinished(runs.executeOnEntries(new GridHome()));
  }

  /** What still waits for an answer of the cluster is left to itself. */
  @Override
  public void close() {
    scans.shutdownNow();
  }
}
