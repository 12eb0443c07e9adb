/**
 * Answers that are whole when they begin: a run's record with its header fields, and files.
 *
 * <p>The ways in are {@link dev.stoker.answer.RunAnswer} and {@link dev.stoker.answer.FileAnswer},
 * both called on the exchange's context. This package must not know requests' bodies, nor runs that
 * are under way.
 */
@NullMarked
package dev.stoker.answer;

import org.jspecify.annotations.NullMarked;
