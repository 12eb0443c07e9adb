/**
 * Values of HTTP's header fields, read by their standards.
 *
 * <p>Immutable records. Whatever a field holds, reading it either succeeds or fails with a {@link
 * dev.stoker.run.ServiceException} that names the field and what is allowed. This package must not
 * know Vert.x's server or runs.
 */
@NullMarked
package dev.stoker.header;

import org.jspecify.annotations.NullMarked;
