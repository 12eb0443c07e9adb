/**
 * Runs WebAssembly modules inside the JVM, as commands of WASI preview 1: no process, no system
 * call of the module's own, only its run's work directory and the three standard streams.
 *
 * <p>The way in is {@link dev.stoker.function.Functions}. Each run has a thread of a bounded pool
 * to itself, which also calls its listener. No class of Chicory is loaded before the first tool of
 * this kind is met. Knows tools and the listener of a process; must not start processes, nor know
 * the bus or HTTP.
 */
@NullMarked
package dev.stoker.function;

import org.jspecify.annotations.NullMarked;
