package dev.stoker.schema;

/** Takes what is found wrong in one file while it is read. Confined to one reading. */
public interface Mistakes {
  /**
   * Notes a mistake.
   *
   * @param path where in the file, such as {@code parameters.properties.a.type}
   * @param message what is wrong and what is allowed
   */
  void add(String path, String message);

  /** How many there are by now. */
  int count();
}
