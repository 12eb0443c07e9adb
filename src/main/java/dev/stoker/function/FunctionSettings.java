package dev.stoker.function;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition.Resources;

/**
 * How a node runs functions. Immutable.
 *
 * @param threads runs at once: as many as the node has slots
 * @param heapMax what the memories of all runs have together; they are on the JVM's heap
 * @param defaults the resources of a tool that asks for none
 */
public record FunctionSettings(int threads, ByteSize heapMax, Resources defaults) {
  public FunctionSettings {
    if (threads < 1) {
      throw new IllegalArgumentException("functions need a thread; there are " + threads);
    }
  }

  /** Half of this JVM's heap for functions. */
  public static FunctionSettings of(int threads, Resources defaults) {
    return new FunctionSettings(
        threads, new ByteSize(Runtime.getRuntime().maxMemory() / 2), defaults);
  }
}
