package dev.stoker.cache;

import com.hazelcast.config.EvictionConfig;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.InvalidConfigurationException;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MaxSizePolicy;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.spi.merge.LatestUpdateMergePolicy;
import com.hazelcast.spi.merge.PutIfAbsentMergePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache's maps in the cluster, of texts and bytes only: a member that has no class of Stoker's
 * can hold them.
 *
 * <p>Their settings are the cluster's: the first node brings them, those that join get them.
 *
 * <p>When parts of a split cluster join again, a result is the one written last; a flight is that
 * of the larger part, so that two runs of one key may go on, one on either side; and what was
 * purged on either side is made whole by {@link Purges}.
 */
final class ClusterMaps {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterMaps.class);
  private static final int MERGE_BATCH = 100;
  private static final long MEBIBYTE = 1L << 20;

  static final String RESULTS = "stoker.results";
  static final String FLIGHTS = "stoker.flights";
  static final String PURGES = "stoker.purges";

  private ClusterMaps() {}

  /** Results by {@link #key}; an entry is on two members, and the oldest used go first. */
  static IMap<String, byte[]> results(HazelcastInstance hazelcast, CacheSettings settings) {
    long mebibytes = (settings.clusterMax().bytes() + MEBIBYTE - 1) / MEBIBYTE;
    EvictionConfig eviction =
        new EvictionConfig()
            .setMaxSizePolicy(MaxSizePolicy.USED_HEAP_SIZE)
            .setSize(Math.clamp(mebibytes, 1, Integer.MAX_VALUE))
            .setEvictionPolicy(EvictionPolicy.LRU);
    MapConfig config =
        merging(new MapConfig(RESULTS), LatestUpdateMergePolicy.class)
            .setBackupCount(1)
            .setEvictionConfig(eviction);
    return open(hazelcast, config, "cache.clusterMaxSize");
  }

  /** Which run of which node is under way, by {@link #key}. */
  static IMap<String, String> flights(HazelcastInstance hazelcast, CacheSettings settings) {
    long seconds = Math.max(1, settings.flightMax().toSeconds());
    MapConfig config =
        merging(new MapConfig(FLIGHTS), PutIfAbsentMergePolicy.class)
            .setBackupCount(1)
            .setTimeToLiveSeconds((int) Math.min(seconds, Integer.MAX_VALUE));
    return open(hazelcast, config, "limits.timeout.max");
  }

  /** What was purged when, under one key; as many members have it as can. */
  static IMap<String, String> purges(HazelcastInstance hazelcast) {
    MapConfig config =
        merging(new MapConfig(PURGES), LatestUpdateMergePolicy.class)
            .setBackupCount(MapConfig.MAX_BACKUP_COUNT);
    return open(hazelcast, config, "purges");
  }

  static String key(CacheKey key) {
    return key.tool() + '/' + key.digest().hex();
  }

  private static MapConfig merging(MapConfig config, Class<?> policy) {
    return config
        // The merge policy needs the time of the last update.
        .setPerEntryStatsEnabled(true)
        .setInMemoryFormat(InMemoryFormat.BINARY)
        .setMergePolicyConfig(new MergePolicyConfig(policy.getName(), MERGE_BATCH));
  }

  private static <V> IMap<String, V> open(
      HazelcastInstance hazelcast, MapConfig config, String setting) {
    try {
      hazelcast.getConfig().addMapConfig(config);
    } catch (InvalidConfigurationException e) {
      LOG.warn("{}: other nodes have another value, and that is in force", setting, e);
    }
    return hazelcast.getMap(config.getName());
  }
}
