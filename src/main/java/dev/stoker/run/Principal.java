package dev.stoker.run;

/** Who asks. Fairness and cached results are kept apart by it. Immutable. */
public record Principal(String name) {
  /** Every caller, as long as nobody has to say who they are. */
  public static final Principal ANONYMOUS = new Principal("anonymous");

  /** Stoker itself. */
  public static final Principal SYSTEM = new Principal("system");

  public Principal {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a principal has a name");
    }
  }
}
