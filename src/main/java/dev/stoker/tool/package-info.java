/**
 * The catalog: which tools there are, what each allows, and how a checked request becomes an argv.
 *
 * <p>The way in is {@link dev.stoker.tool.Catalog}; every key of a file is in docs/catalog.md, why
 * arguments are as they are in docs/adr/argv-templates.md. A {@link dev.stoker.tool.Tool} is
 * immutable and may be used from any thread; a changed file makes a new one. This package must not
 * know processes or HTTP.
 */
@NullMarked
package dev.stoker.tool;

import org.jspecify.annotations.NullMarked;
