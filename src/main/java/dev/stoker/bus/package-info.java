/**
 * How Stoker's own messages and failures travel on the event bus.
 *
 * <p>The way in is {@link dev.stoker.bus.Bus}. Stateless. Messages are immutable records that are
 * passed by reference inside one JVM. This package must not know what they say.
 */
@NullMarked
package dev.stoker.bus;

import org.jspecify.annotations.NullMarked;
