package dev.stoker.pool;

/**
 * How the sandboxes that wait do. Immutable.
 *
 * @param ready that wait now
 * @param taken by runs since the start
 * @param cold runs since the start of tools that have a pool, for which none was ready
 * @param lost since the start, that died while they waited
 */
public record WarmCounts(int ready, long taken, long cold, long lost) {}
