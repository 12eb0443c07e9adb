package dev.stoker.cgroup;

/**
 * What all processes of a group are held to together; 0 for no limit. Immutable.
 *
 * @param cpus processors' worth of time, such as 0.5
 * @param tasks processes and threads
 */
public record GroupLimits(long memoryBytes, double cpus, int tasks) {
  /** The kernel's accounting period, and its own default. */
  static final long PERIOD_MICROS = 100_000;

  private static final long QUOTA_MICROS_MIN = 1_000;

  public GroupLimits {
    if (memoryBytes < 0 || !(cpus >= 0) || tasks < 0) {
      throw new IllegalArgumentException(
          "limits of a group cannot be negative: %d %s %d".formatted(memoryBytes, cpus, tasks));
    }
  }

  /** Time in each period; the kernel takes no less than a millisecond. */
  long quotaMicros() {
    return Math.max(QUOTA_MICROS_MIN, Math.round(cpus * PERIOD_MICROS));
  }
}
