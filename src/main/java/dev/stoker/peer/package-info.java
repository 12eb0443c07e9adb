/**
 * Bytes that other nodes have: blobs, and the output of runs under way.
 *
 * <p>The way in is {@link dev.stoker.peer.Peers}. Bytes are pulled by offset, in pieces, so that
 * nothing as large as an output or a file ever rides on the event bus as a whole. This package must
 * not know what the bytes are for.
 */
@NullMarked
package dev.stoker.peer;

import org.jspecify.annotations.NullMarked;
