/**
 * What processes write, kept within bounds and read by offset.
 *
 * <p>The way in is {@link dev.stoker.output.Outputs}. One thread appends to a spool, any number of
 * readers read it; each spool has one lock, and nobody is called while it is held. Disk is read and
 * written on worker threads. This package must not know processes or HTTP.
 */
@NullMarked
package dev.stoker.output;

import org.jspecify.annotations.NullMarked;
