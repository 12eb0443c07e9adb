/**
 * The API's OpenAPI document: what requests are checked by, and what is served.
 *
 * <p>The way in is {@link dev.stoker.contract.Contract}. Immutable once loaded, but for the served
 * document, which follows the catalog. This package must not know what an operation does.
 */
@NullMarked
package dev.stoker.contract;

import org.jspecify.annotations.NullMarked;
