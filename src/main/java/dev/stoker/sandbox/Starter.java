package dev.stoker.sandbox;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.Stdin;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import java.nio.file.Path;
import java.util.Optional;

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

  /** Where this starter may get work directories from now on, for sandboxes that wait. Once. */
  default void prepare(Cells cells) {}

  /**
   * A work directory, empty, in which a sandbox waits for a run of this tool; empty when none does.
   * It is then the caller's, for exactly one run: {@link #start} with that directory takes the
   * sandbox. Does not block, but for a {@code stat} of the tool's files.
   */
  default Optional<Path> reserve(Tool tool, Invocation invocation, Stdin stdin) {
    return Optional.empty();
  }

  /**
   * Nothing will be started in this work directory any more.
   *
   * @param free called when no process is in it; at once, or soon by another thread
   */
  default void release(Path directory, Runnable free) {
    free.run();
  }
}
