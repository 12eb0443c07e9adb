/**
 * Results of earlier runs, and which equal runs are under way.
 *
 * <p>The way in is {@link dev.stoker.cache.ResultCache}. This package must not know HTTP.
 */
@NullMarked
package dev.stoker.cache;

import org.jspecify.annotations.NullMarked;
