package dev.stoker.pool;

import java.time.Duration;

/**
 * How many sandboxes wait.
 *
 * @param max on this node, of all tools together; each takes one to three small processes
 * @param memoryBytesMax what they may take together; the first of each tool is measured, and the
 *     others are as large
 * @param drain how long output is awaited from a process that outlives its run's main process
 */
public record WarmSettings(int max, long memoryBytesMax, Duration drain) {
  public WarmSettings {
    if (max < 0 || max > 1000) {
      throw new IllegalArgumentException(
          "isolation.warm: " + max + " is not allowed; allowed: 0 to 1000");
    }
  }
}
