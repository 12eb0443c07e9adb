package dev.stoker.process;

/** The native way was asked for and this system cannot take it; the message says why. */
final class NativeUnavailableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  NativeUnavailableException(String message) {
    super(message);
  }
}
