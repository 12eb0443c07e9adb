package dev.stoker.cache;

import dev.stoker.run.ByteSize;
import java.time.Duration;

/**
 * Bounds of the cache. Immutable.
 *
 * @param nodeMax heap of each node that its own results may take; zero stores none there
 * @param clusterMax heap of each node that its share of the cluster's results may take, copies
 *     included; rounded up to whole MiB, zero stores none there
 * @param clockSkew how far the clocks of two nodes may be apart; a purge takes twice as long
 * @param flightMax the longest life of a run: a flight that nobody has ended is over after this
 */
public record CacheSettings(
    ByteSize nodeMax, ByteSize clusterMax, Duration clockSkew, Duration flightMax) {
  public CacheSettings {
    if (clockSkew.isNegative() || flightMax.toMillis() < 1) {
      throw new IllegalArgumentException("clockSkew " + clockSkew + ", flightMax " + flightMax);
    }
  }
}
