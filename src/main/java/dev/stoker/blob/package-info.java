/**
 * Content-addressed files.
 *
 * <p>The way in is {@link dev.stoker.blob.BlobStore}. Content is hashed and written on the store's
 * own threads, never on an event loop. This package must not know runs: it asks whoever owns it
 * which digests are still wanted.
 */
@NullMarked
package dev.stoker.blob;

import org.jspecify.annotations.NullMarked;
