package dev.stoker.run;

/**
 * What the operating system counted for a run's main process and the children it waited for.
 * Immutable.
 *
 * @param cpuMillis user and system time, in milliseconds
 * @param memoryPeakBytes the largest resident set of any one process
 */
public record Usage(long cpuMillis, long memoryPeakBytes) {}
