package dev.stoker.nemesis;

/**
 * What was done to a node, and while it lasted the others could not know what the node did.
 *
 * @param node its number
 * @param fromMillis since 1970
 * @param toMillis since 1970, some time after it was undone, so that the cluster is whole again
 */
record Disturbance(int node, String what, long fromMillis, long toMillis) {
  static final long GOES_ON = Long.MAX_VALUE;

  boolean touches(int other, long begin, long end) {
    return node == other && begin <= toMillis && fromMillis <= end;
  }

  Disturbance until(long millis) {
    return new Disturbance(node, what, fromMillis, millis);
  }
}
