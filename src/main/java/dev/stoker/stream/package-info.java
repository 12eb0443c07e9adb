/**
 * What runs write and come to, sent to callers as it happens.
 *
 * <p>The way in is {@link dev.stoker.stream.Streams}, confined to its gateway's context. Nothing is
 * read faster than its caller takes it, and a caller who goes leaves no reader open. This package
 * must not know how a command was asked for.
 */
@NullMarked
package dev.stoker.stream;

import org.jspecify.annotations.NullMarked;
