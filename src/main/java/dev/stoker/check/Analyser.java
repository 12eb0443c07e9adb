package dev.stoker.check;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads scripts of one language. Thread-safe. */
sealed interface Analyser permits ShellAnalyser, PythonAnalyser {
  /** Whose script it is. */
  enum Author {
    /** Comments in it may tell the analyser what to leave out. */
    OPERATOR,
    /** They may not. */
    CALLER
  }

  /**
   * What is wrong with a script, by line. Blocks for at most the analyser's time limit.
   *
   * @param dialect of the language, null where it is not known
   */
  List<Remark> analyse(byte[] script, @Nullable String dialect, Author author, Desk desk)
      throws AnalysisException;

  /** Why it cannot work here; null when it can. One look at the disk. */
  @Nullable String missing();
}
