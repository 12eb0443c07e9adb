package dev.stoker.telemetry;

import java.time.Duration;
import java.util.Arrays;

/** The bounds of histograms: few, and at the times that somebody promises or is paged for. */
final class Buckets {
  /** What a caller waits for beside the tool itself. */
  private static final double[] SHORT_SECONDS = {
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
  };

  /** What a tool takes. */
  private static final double[] LONG_SECONDS = {
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600
  };

  private Buckets() {}

  /** For requests, queues, starts, collections and replies. */
  static Duration[] brief() {
    return durations(SHORT_SECONDS);
  }

  /** For executions and whole runs. */
  static Duration[] lengthy() {
    return durations(LONG_SECONDS);
  }

  private static Duration[] durations(double[] seconds) {
    return Arrays.stream(seconds)
        .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
        .toArray(Duration[]::new);
  }
}
