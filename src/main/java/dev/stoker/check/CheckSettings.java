package dev.stoker.check;

import dev.stoker.check.Finding.Severity;
import dev.stoker.run.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What is looked for with what, and what follows from it. Immutable.
 *
 * @param scripts what becomes of a caller's script
 * @param entries what becomes of a catalog entry
 * @param severity findings of this severity and above count for both
 * @param shellcheck the program's name or absolute path
 * @param python the same
 * @param searchPath directories in which a program without a slash is looked for
 * @param directory where the analysers have their work directories, one each
 * @param mark names the analysers' processes, as {@link dev.stoker.process.ProcessSpec#mark()}
 * @param timeout of one analysis
 * @param scriptSize more than this is refused where the policy refuses, else not scanned
 * @param atOnce analyses of callers' scripts at one time
 * @param waitingMax scripts that may wait for one; more are refused with CAPACITY_EXCEEDED
 */
public record CheckSettings(
    Policy scripts,
    Policy entries,
    Severity severity,
    String shellcheck,
    String python,
    List<Path> searchPath,
    Path directory,
    String mark,
    Duration timeout,
    ByteSize scriptSize,
    int atOnce,
    int waitingMax) {

  /** What follows from findings. */
  public enum Policy {
    /** It does not run. */
    REFUSE,
    /** It runs, and the log says what was found. */
    WARN
  }

  public CheckSettings {
    searchPath = List.copyOf(searchPath);
  }
}
