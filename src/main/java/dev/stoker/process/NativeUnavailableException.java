package dev.stoker.process;

/** The native way was asked for and this system cannot take it; and says why. */
final class NativeUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  private final String reason;

  NativeUnavailableException(String reason) {
    super("processes cannot be run natively: " + reason);
    this.reason = reason;
  }

  /** What is lacking. */
  String reason() {
    return reason;
  }
}
