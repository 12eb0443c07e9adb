/**
 * The only code that starts, feeds, reads, kills and reaps operating-system processes.
 *
 * <p>The way in is {@link dev.stoker.process.ProcessRunner}. On Linux it starts processes with
 * {@code posix_spawn} on a few threads of its own and hears of everything else (output, exits,
 * deadlines of a kill) on one epoll thread, which also calls the {@link
 * dev.stoker.process.ProcessListener}s; elsewhere with {@link ProcessBuilder} and a thread a
 * stream. No other code of the JVM may start a process from a thread that ends before it. This
 * package must not know tools or the event bus.
 */
@NullMarked
package dev.stoker.process;

import org.jspecify.annotations.NullMarked;
