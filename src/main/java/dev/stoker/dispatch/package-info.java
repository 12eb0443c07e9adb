/**
 * Admits, queues and places commands, and knows every run that is under way on this node.
 *
 * <p>The way in is {@link dev.stoker.dispatch.Runs}, which speaks to the verticle {@link
 * dev.stoker.dispatch.Dispatcher} over the event bus; the verticle's context owns queues and live
 * runs. This package must not know HTTP or processes.
 */
@NullMarked
package dev.stoker.dispatch;

import org.jspecify.annotations.NullMarked;
