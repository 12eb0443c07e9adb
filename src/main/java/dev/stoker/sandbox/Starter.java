package dev.stoker.sandbox;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;

/** A way to get a run its process. Thread-safe. */
@FunctionalInterface
public interface Starter {
  /**
   * Starts it soon; returns at once. What becomes of it is told to {@code listener}, exactly as
   * {@link dev.stoker.process.ProcessRunner#start} tells it.
   *
   * @throws IllegalStateException when it is closed
   */
  RunningProcess start(Launch launch, ProcessListener listener);
}
