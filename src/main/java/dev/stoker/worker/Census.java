package dev.stoker.worker;

/**
 * The workers of one tool, at one moment. Immutable.
 *
 * @param starting that have no process yet
 * @param idle that could take a request
 * @param busy that are at one or more
 * @param leaving that take no more
 * @param waiting requests that no worker has
 */
public record Census(int starting, int idle, int busy, int leaving, int waiting) {}
