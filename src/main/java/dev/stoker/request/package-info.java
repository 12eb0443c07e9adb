/**
 * Requests for runs, read into checked commands.
 *
 * <p>The way in is {@link dev.stoker.request.CommandReader}, after {@link
 * dev.stoker.request.RunOptions} for the header fields; {@link dev.stoker.request.BlobBody} takes a
 * body that is nothing but content. All of a request happens on its exchange's context. This
 * package must not know what becomes of a command, nor how it is answered.
 */
@NullMarked
package dev.stoker.request;

import org.jspecify.annotations.NullMarked;
