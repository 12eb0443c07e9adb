/**
 * Commands that come over the event bus, from any Vert.x program of the cluster.
 *
 * <p>The way in is {@link dev.stoker.bridge.EventBridge}, confined to its context. What is sent is
 * read and refused as over HTTP, with the same words. This package must not know HTTP.
 */
@NullMarked
package dev.stoker.bridge;

import org.jspecify.annotations.NullMarked;
