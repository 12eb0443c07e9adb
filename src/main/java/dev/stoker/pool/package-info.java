/**
 * Processes that are ready before they are asked for.
 *
 * <p>{@link dev.stoker.pool.WarmSandboxes} keeps sandboxes that wait, each for one run. Knows
 * tools, sandboxes and processes; must not know the bus or HTTP.
 */
@NullMarked
package dev.stoker.pool;

import org.jspecify.annotations.NullMarked;
