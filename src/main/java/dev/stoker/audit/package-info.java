/**
 * Who asked for what, from where, and whether it was allowed: an append-only file of its own.
 *
 * <p>The way in is {@link dev.stoker.audit.Audit}, thread-safe; a thread of its own writes. This
 * package must not know HTTP, nor decide what is allowed.
 */
@NullMarked
package dev.stoker.audit;

import org.jspecify.annotations.NullMarked;
