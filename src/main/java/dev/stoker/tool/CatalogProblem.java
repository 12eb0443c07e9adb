package dev.stoker.tool;

/**
 * One mistake in a catalog file. Immutable.
 *
 * @param file the file's name in the catalog's directory
 * @param path where in the file, such as {@code limits.stdout}; empty for the file itself
 * @param message what is wrong and what is allowed
 */
public record CatalogProblem(String file, String path, String message) {

  /** On one line: {@code echo.yaml: limits.stdout: …}. */
  @Override
  public String toString() {
    return file + ": " + (path.isEmpty() ? "" : path + ": ") + message;
  }
}
