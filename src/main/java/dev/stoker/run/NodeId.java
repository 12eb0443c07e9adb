package dev.stoker.run;

/**
 * A node in one of its lives. A restarted node has the same name and a higher epoch, so nothing
 * that was meant for its earlier life reaches it. Immutable.
 *
 * @param name as in {@link RunRecord#node}
 * @param epoch counts the starts on this data directory, from 1
 */
public record NodeId(String name, long epoch) {
  private static final char SEPARATOR = '@';

  public NodeId {
    if (name.isEmpty() || name.indexOf(SEPARATOR) >= 0 || epoch < 1) {
      throw new IllegalArgumentException("no node: '" + name + "', epoch " + epoch);
    }
  }

  /**
   * Reads {@link #toString}.
   *
   * @throws IllegalArgumentException when the text is none of ours
   */
  public static NodeId parse(String text) {
    int at = text.lastIndexOf(SEPARATOR);
    if (at < 0) {
      throw new IllegalArgumentException("'" + text + "' names no node and epoch");
    }
    return new NodeId(text.substring(0, at), Long.parseLong(text.substring(at + 1)));
  }

  /** {@code name@epoch}: the form on the wire and in the ledger. */
  @Override
  public String toString() {
    return name + SEPARATOR + epoch;
  }
}
