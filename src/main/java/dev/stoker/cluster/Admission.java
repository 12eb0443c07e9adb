package dev.stoker.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import java.util.Objects;

/** Whether a member that has just joined may stay with those that were there before it. */
final class Admission {
  private Admission() {}

  /**
   * Looks at the older members only: of two that came together one stays.
   *
   * @throws ClusterException naming the member that this one cannot be with
   */
  static void check(HazelcastInstance hazelcast) {
    Member self = hazelcast.getCluster().getLocalMember();
    // In the order of their joining.
    for (Member other : hazelcast.getCluster().getMembers()) {
      if (other.getUuid().equals(self.getUuid())) {
        return;
      }
      check(self, other, hazelcast.getConfig().getClusterName());
    }
  }

  private static void check(Member self, Member other, String cluster) {
    String wire = other.getAttribute(Attribute.WIRE);
    if (wire != null && !wire.equals(String.valueOf(Cluster.WIRE))) {
      throw new ClusterException(
          ("cannot join cluster %s: node %s at %s:%d speaks wire version %s, this one speaks %d;"
                  + " stop the others, or start the version of Stoker that they run (%s)")
              .formatted(
                  cluster,
                  other.getAttribute(Attribute.NODE),
                  other.getAddress().getHost(),
                  other.getAddress().getPort(),
                  wire,
                  Cluster.WIRE,
                  other.getAttribute(Attribute.VERSION)));
    }
    if (Objects.equals(other.getAttribute(Attribute.NODE), self.getAttribute(Attribute.NODE))) {
      throw new ClusterException(
          ("cannot join cluster %s: the node at %s:%d is %s too; its data directory was copied:"
                  + " give this one its own")
              .formatted(
                  cluster,
                  other.getAddress().getHost(),
                  other.getAddress().getPort(),
                  other.getAttribute(Attribute.NODE)));
    }
  }
}
