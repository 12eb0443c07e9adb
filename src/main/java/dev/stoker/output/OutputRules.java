package dev.stoker.output;

import dev.stoker.run.ByteSize;

/**
 * The bounds of one run's output. Immutable.
 *
 * @param stdoutMode what becomes of standard output
 */
public record OutputRules(ByteSize stdout, ByteSize stderr, Mode stdoutMode) {
  /** What becomes of a stream. */
  public enum Mode {
    /** Kept up to its bound. */
    KEEP,
    /** Given to one reader as it comes, without bound, and not kept. */
    PASS
  }
}
