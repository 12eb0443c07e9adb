/**
 * One HTTP request and its answer, and the connection they are on.
 *
 * <p>The way in is {@link dev.stoker.exchange.Exchange}, confined to its connection's context like
 * all of this package. Who stalls or idles is cut off here, and failures become problem details
 * here and nowhere else. This package must not know what is asked for.
 */
@NullMarked
package dev.stoker.exchange;

import org.jspecify.annotations.NullMarked;
