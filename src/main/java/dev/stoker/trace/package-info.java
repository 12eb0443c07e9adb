/**
 * Spans: what took how long under which trace, told to a collector by OpenTelemetry's protocol.
 *
 * <p>The way in is {@link dev.stoker.trace.Tracing}; thread-safe. Without a collector no class of
 * OpenTelemetry's is loaded and nothing is recorded, but contexts are handed on all the same. This
 * package must not know any feature: it is told names and values.
 */
@NullMarked
package dev.stoker.trace;

import org.jspecify.annotations.NullMarked;
