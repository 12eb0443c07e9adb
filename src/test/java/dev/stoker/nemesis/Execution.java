package dev.stoker.nemesis;

import org.jspecify.annotations.Nullable;

/**
 * One process of a run, as it told of itself.
 *
 * @param node the number of the node in its mark
 * @param beginMillis since 1970
 * @param endMillis since 1970; null when it was killed before it could say so
 */
record Execution(
    LoadTool tool, int node, String run, long pid, long beginMillis, @Nullable Long endMillis) {
  boolean complete() {
    return endMillis != null;
  }
}
