/**
 * Values that every part of Stoker speaks in: what was asked ({@link dev.stoker.run.Command}), how
 * far it is ({@link dev.stoker.run.RunState}), how it ended ({@link dev.stoker.run.Outcome}) and
 * the record of it all ({@link dev.stoker.run.RunRecord}).
 *
 * <p>Everything here is immutable and may be used from any thread. This package must not know any
 * other package of Stoker.
 */
@NullMarked
package dev.stoker.run;

import org.jspecify.annotations.NullMarked;
