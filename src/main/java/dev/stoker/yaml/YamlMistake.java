package dev.stoker.yaml;

/**
 * One mistake in a YAML file. Immutable.
 *
 * @param file the file's name, as it was given to the reader
 * @param path where in the file, such as {@code limits.stdout} or {@code command[3]}; empty for the
 *     file itself
 * @param line counted from 1; 0 where it is not known
 * @param message what is wrong and what is allowed
 */
public record YamlMistake(String file, String path, int line, String message) {

  /** On one line: {@code stoker.yaml:12: limits.stdout: …}. */
  @Override
  public String toString() {
    return file
        + (line > 0 ? ":" + line : "")
        + ": "
        + (path.isEmpty() ? "" : path + ": ")
        + message;
  }
}
