package dev.stoker.process;

import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Usage;
import org.jspecify.annotations.Nullable;

/**
 * How a process and its tree went. Immutable.
 *
 * @param exit of the main process
 * @param usage of the main process and what it waited for; null where the platform cannot tell. The
 *     memory's peak is 0 where it could not be seen: in a tree that was over within a tenth of a
 *     second
 * @param strays how many other processes of the tree were found alive after the main process had
 *     gone, and killed
 * @param stdoutCut whether somebody still held stdout when it was given up, so that its end is not
 *     known to be all there was
 * @param stderrCut the same of stderr
 * @param verdict what the run's outcome is, where the exit does not tell it: a limit was met
 */
public record ProcessEnd(
    Exit exit,
    @Nullable Usage usage,
    int strays,
    boolean stdoutCut,
    boolean stderrCut,
    @Nullable Outcome verdict) {

  /** Of a process that ended by itself. */
  public ProcessEnd(
      Exit exit, @Nullable Usage usage, int strays, boolean stdoutCut, boolean stderrCut) {
    this(exit, usage, strays, stdoutCut, stderrCut, null);
  }

  /** The same end, judged. */
  public ProcessEnd judged(Outcome by) {
    return new ProcessEnd(exit, usage, strays, stdoutCut, stderrCut, by);
  }
}
