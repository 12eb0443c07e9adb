package dev.stoker.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.DistributedObject;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import com.hazelcast.map.LocalMapStats;
import java.util.HashMap;
import java.util.Map;

/** Looks how Hazelcast does, by what its public interface tells. Thread-safe. */
final class HealthLook {
  private static final String OURS = "stoker.";

  private HealthLook() {}

  /** Asks every member: blocks for up to some seconds. */
  static Health look(HazelcastInstance hazelcast) {
    Member self = hazelcast.getCluster().getLocalMember();
    int owned =
        (int)
            hazelcast.getPartitionService().getPartitions().stream()
                .filter(partition -> self.equals(partition.getOwner()))
                .count();
    Map<String, Health.Share> maps = new HashMap<>();
    for (DistributedObject object : hazelcast.getDistributedObjects()) {
      if (object instanceof IMap<?, ?> map && map.getName().startsWith(OURS)) {
        LocalMapStats stats = map.getLocalMapStats();
        maps.put(
            map.getName(),
            new Health.Share(
                stats.getOwnedEntryCount(), stats.getBackupEntryCount(), stats.getHeapCost()));
      }
    }
    return new Health(hazelcast.getPartitionService().isClusterSafe(), owned, maps);
  }
}
