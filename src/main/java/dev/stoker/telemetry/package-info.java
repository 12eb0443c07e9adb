/**
 * The names of all metrics, in one place.
 *
 * <p>The way in is {@link dev.stoker.telemetry.Metrics}. Thread-safe. This package must not know
 * any feature: it is told numbers, labels and the trace that they are of.
 */
@NullMarked
package dev.stoker.telemetry;

import org.jspecify.annotations.NullMarked;
