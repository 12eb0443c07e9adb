package dev.stoker.cache;

/**
 * What this node's level of the cache holds. Immutable.
 *
 * @param bytes as weighed
 * @param bytesMax that it may hold
 * @param evicted since the start: for want of room, or because they were too old
 */
public record Holding(long entries, long bytes, long bytesMax, long evicted) {}
