package dev.stoker.process;

import dev.stoker.run.StdStream;

/**
 * A handle on a process that was asked for. Thread-safe; every method but {@link #unnamedBytes} and
 * {@link #memoryBytes} returns at once.
 */
public interface RunningProcess {
  /** Reads a paused stream on. Nothing happens when it is not paused. */
  void resume(StdStream stream);

  /**
   * Ends the tree: TERM to the group, the spec's grace, KILL to all that is left. Once is enough;
   * again changes nothing; a process that has not started yet is not started, or killed as soon as
   * it is. The listener's {@code onEnded} tells when it is done.
   */
  void stop();

  /** Ends the tree with KILL, without grace, also when {@link #stop} is under way. */
  void kill();

  /**
   * How much the tree's processes have in open files that have no name any more, on the file system
   * of its work directory. Blocks for some milliseconds. Zero where it cannot be told: without the
   * native engine, before the start and after the end.
   */
  default long unnamedBytes() {
    return 0;
  }

  /**
   * How much memory the tree's processes have now, their shares of what they share with others
   * included. Blocks for some milliseconds. Zero where it cannot be told, as above.
   */
  default long memoryBytes() {
    return 0;
  }
}
