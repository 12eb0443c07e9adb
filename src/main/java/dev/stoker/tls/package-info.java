/**
 * A server's certificate: read, checked, and read again when its files change.
 *
 * <p>The way in is {@code Certificates}, thread-safe; a thread of its own looks at the files. This
 * package must not know what is served.
 */
@NullMarked
package dev.stoker.tls;

import org.jspecify.annotations.NullMarked;
