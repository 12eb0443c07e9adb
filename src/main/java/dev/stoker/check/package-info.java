/**
 * What is dangerous or broken in catalog entries, and in scripts that callers send, found before
 * they run.
 *
 * <p>The way in is {@link dev.stoker.check.StaticCheck}, which is thread-safe. Scripts are read by
 * shellcheck and by Python's own parser, as processes that somebody else starts. Must not know
 * runs, HTTP or the bus.
 */
@NullMarked
package dev.stoker.check;

import org.jspecify.annotations.NullMarked;
