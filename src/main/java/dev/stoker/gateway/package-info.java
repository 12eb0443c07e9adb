/**
 * The HTTP servers: what is asked for by which path, and who does it.
 *
 * <p>The way in is {@link dev.stoker.gateway.Gateway}, a verticle of which one instance runs on
 * each event loop: everything of a request happens on its instance's context. Bodies are read by
 * {@code request}, answers made by {@code answer} and {@code stream}; only the memo of hits answers
 * by itself. This package must not know processes.
 */
@NullMarked
package dev.stoker.gateway;

import org.jspecify.annotations.NullMarked;
