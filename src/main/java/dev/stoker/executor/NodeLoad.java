package dev.stoker.executor;

import dev.stoker.run.NodeId;
import java.util.Map;

/**
 * What an executor has to do, at one moment. Immutable.
 *
 * @param sequence a later moment of the same node has a higher one
 * @param usedByTool slots in use, of each tool that has any
 * @param draining whether it takes no more
 */
public record NodeLoad(
    NodeId node,
    long sequence,
    int slots,
    int used,
    Map<String, Integer> usedByTool,
    boolean draining) {
  public NodeLoad {
    usedByTool = Map.copyOf(usedByTool);
  }

  /** Commands that it would take now, of a tool that may have {@code toolMax} of its slots. */
  public int free(String tool, int toolMax) {
    return draining ? 0 : Math.min(slots - used, toolMax - usedByTool.getOrDefault(tool, 0));
  }
}
