/**
 * What was accepted and how it ended, kept through a crash.
 *
 * <p>The way in is {@link dev.stoker.ledger.Ledger}. One thread of its own writes, in groups; it is
 * never waited for on an event loop. This package must not know processes.
 */
@NullMarked
package dev.stoker.ledger;

import org.jspecify.annotations.NullMarked;
