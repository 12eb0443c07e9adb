package dev.stoker.pool;

import java.util.Map;

/**
 * How the sandboxes that wait do. Immutable.
 *
 * @param readyByTool that wait now
 * @param taken by runs since the start
 * @param cold runs since the start of tools that have a pool, for which none was ready
 * @param lost since the start, that died while they waited
 */
public record WarmCounts(Map<String, Integer> readyByTool, long taken, long cold, long lost) {
  public WarmCounts {
    readyByTool = Map.copyOf(readyByTool);
  }

  /** That wait now. */
  public int ready() {
    return readyByTool.values().stream().mapToInt(Integer::intValue).sum();
  }
}
