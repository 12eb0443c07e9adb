/**
 * What a tool's parameters may be: a JSON Schema 2020-12, read strictly, and values checked by it
 * with the mistakes in words for the caller.
 *
 * <p>The way in is {@link dev.stoker.schema.ParameterSchema}, immutable and for any thread; a
 * reading is confined to its caller. {@link dev.stoker.schema.Values} is how every value reads as
 * text, in a message as in an argument. This package must not know tools, catalog files or
 * commands.
 */
@NullMarked
package dev.stoker.schema;

import org.jspecify.annotations.NullMarked;
