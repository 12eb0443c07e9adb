/**
 * What a run's processes may do: the isolation a tool asks for, given to its process, and what of
 * it this node can give at all.
 *
 * <p>The way in is {@link dev.stoker.sandbox.Sandboxes}. Knows tools and processes; must not know
 * the bus, runs or HTTP.
 */
@NullMarked
package dev.stoker.sandbox;

import org.jspecify.annotations.NullMarked;
