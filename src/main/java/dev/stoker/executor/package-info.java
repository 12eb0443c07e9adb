/**
 * Runs commands on this node, within its slots: from a work directory to a recorded outcome.
 *
 * <p>The way in is the verticle {@link dev.stoker.executor.Executor}, spoken to with {@link
 * dev.stoker.executor.ExecutorMessage}s; its context owns the slots and every attempt's state. Disk
 * work is done on the executor's own threads. This package must not know HTTP or who dispatches.
 */
@NullMarked
package dev.stoker.executor;

import org.jspecify.annotations.NullMarked;
