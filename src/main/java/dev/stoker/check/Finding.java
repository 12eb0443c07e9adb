package dev.stoker.check;

import java.util.Locale;

/**
 * Something dangerous or broken. Immutable.
 *
 * @param file the catalog file's name, or a script's path
 * @param path the key in the catalog file that it comes from, such as {@code command[2]}; for a
 *     caller's script the field of the request
 * @param line of the script; 0 where the finding is about none
 * @param code stable; {@code SC2086} is shellcheck's own number
 * @param message what is wrong
 * @param advice what to do
 */
public record Finding(
    String file,
    String path,
    int line,
    Severity severity,
    String code,
    String message,
    String advice) {

  /** How bad, the worst first. */
  public enum Severity {
    ERROR,
    WARNING,
    NOTE;

    /** Whether this is as bad as {@code other}, or worse. */
    public boolean reaches(Severity other) {
      return compareTo(other) <= 0;
    }

    /** As it is written. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** All but where it is: {@code warning SC2086: …; …}. */
  public String text() {
    return severity.word() + " " + code + ": " + message + (advice.isEmpty() ? "" : "; " + advice);
  }

  /** On one line: {@code echo.yaml: command[2]: line 3: error shell-value: …}. */
  @Override
  public String toString() {
    return file + ": " + path + ": " + (line > 0 ? "line " + line + ": " : "") + text();
  }
}
