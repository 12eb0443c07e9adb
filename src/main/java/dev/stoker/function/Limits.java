package dev.stoker.function;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition.Resources;

/**
 * What one run is held to. Immutable.
 *
 * @param memory of the module
 * @param resources what it may write
 */
record Limits(ByteSize memory, Resources resources) {}
