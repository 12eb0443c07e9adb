/**
 * Who the nodes are: membership, identity, and what each tells the others of itself.
 *
 * <p>The way in is {@link dev.stoker.cluster.Members}. Listeners are called by Hazelcast's threads.
 * This package must not know tools or runs.
 */
@NullMarked
package dev.stoker.cluster;

import org.jspecify.annotations.NullMarked;
