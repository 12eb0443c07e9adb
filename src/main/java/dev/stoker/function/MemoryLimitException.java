package dev.stoker.function;

/** A module asked for more memory than it may have; the message is for the caller of the tool. */
final class MemoryLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MemoryLimitException(String message) {
    super(message, null, false, false);
  }
}
