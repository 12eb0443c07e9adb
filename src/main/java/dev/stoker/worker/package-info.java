/**
 * Processes that serve one run after the other, spoken to in Bazel's JSON worker protocol.
 *
 * <p>{@link dev.stoker.worker.Workers} starts them by way of a {@link dev.stoker.sandbox.Starter},
 * and is one. Knows tools, sandboxes and processes; must not know the bus or HTTP.
 */
@NullMarked
package dev.stoker.worker;

import org.jspecify.annotations.NullMarked;
