/**
 * Argv templates: read, checked against what is declared, and filled with one request's values.
 *
 * <p>The way in is {@link dev.stoker.template.CommandTemplate}, immutable and for any thread; a
 * reading and a binding are each confined to their caller. Why arguments are as they are is in
 * docs/adr/argv-templates.md. This package must not know tools, catalog files or processes.
 */
@NullMarked
package dev.stoker.template;

import org.jspecify.annotations.NullMarked;
