package dev.stoker.sandbox;

/**
 * One thing that isolation is made of, as it was found on this node. Immutable.
 *
 * @param name such as {@code landlock}
 * @param words for an operator: what it gives, or why it does not
 */
public record Layer(String name, State state, String words) {
  /** How much of it there is. */
  public enum State {
    WORKS,
    /** Less than there could be; what it lacks is refused in another way. */
    LIMITED,
    /** None: what needs it is refused. */
    MISSING
  }
}
