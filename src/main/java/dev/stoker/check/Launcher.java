package dev.stoker.check;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;

/**
 * Starts an analyser, with no more rights than it needs to read its standard input and write what
 * it found. Thread-safe.
 */
@FunctionalInterface
public interface Launcher {
  /** As {@link dev.stoker.process.ProcessRunner#start}. */
  RunningProcess start(ProcessSpec spec, ProcessListener listener);
}
