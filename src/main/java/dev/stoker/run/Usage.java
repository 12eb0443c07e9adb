package dev.stoker.run;

/**
 * What the operating system counted for a run's main process and the children it waited for.
 * Immutable.
 *
 * @param cpuMillis user and system time, in milliseconds
 * @param memoryPeakBytes the largest resident set of any one process; {@link #UNKNOWN} of a run too
 *     short to be looked at
 */
public record Usage(long cpuMillis, long memoryPeakBytes) {
  /** No peak was seen. Null on the wire. */
  public static final long UNKNOWN = 0;
}
