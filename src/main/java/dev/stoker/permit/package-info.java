/**
 * How many runs of a tool there may be at once in the whole cluster.
 *
 * <p>The way in is {@link dev.stoker.permit.Permits}. This package must not know what a run does.
 */
@NullMarked
package dev.stoker.permit;

import org.jspecify.annotations.NullMarked;
