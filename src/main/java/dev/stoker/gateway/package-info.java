/**
 * Stoker over HTTP.
 *
 * <p>The way in is {@link dev.stoker.gateway.Gateway}, a verticle of which one instance runs on
 * each event loop: everything of a request happens on its instance's context. Requests become
 * commands, records become answers, failures become problem details. This package must not know
 * processes.
 */
@NullMarked
package dev.stoker.gateway;

import org.jspecify.annotations.NullMarked;
