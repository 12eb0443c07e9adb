package dev.stoker.permit;

import com.hazelcast.core.HazelcastInstance;
import dev.stoker.cluster.Members;
import dev.stoker.run.RunId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * The right of a run to be one of so many. Thread-safe; futures complete on the caller's context.
 */
public interface Permits {
  /** After this a node that is cut off has ended the runs of homes it cannot see, but for grace. */
  Duration FENCE = Duration.ofSeconds(20);

  /** Of a node that is alone: its own bound is the cluster's. */
  static Permits alone() {
    return new Unlimited();
  }

  /**
   * Kept in a map of the cluster. What a node that has left held is free again {@link #FENCE} after
   * it left: until then its processes may live. In a cluster that is parted each side with enough
   * members has the whole number.
   */
  static Permits clustered(Vertx vertx, HazelcastInstance hazelcast, Members members) {
    return new ClusterPermits(vertx, hazelcast, members);
  }

  /**
   * Takes a permit for a run, or makes this node the holder of the one that the run has.
   *
   * @param max permits that there are for the tool
   * @return false when all are taken, or the cluster cannot be asked
   */
  Future<Boolean> take(String tool, int max, RunId run);

  /** Gives the permit back that this node took for a run. Nothing happens when it has none. */
  void give(String tool, RunId run);
}
