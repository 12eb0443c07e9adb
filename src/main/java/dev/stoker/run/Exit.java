package dev.stoker.run;

/** How a process left: by itself with a code, or by a signal. Immutable. */
public sealed interface Exit {
  /** It called {@code exit}; {@code code} is 0 to 255. */
  record Code(int code) implements Exit {}

  /** A signal ended it; {@code name} is the usual one, such as {@code SIGKILL}. */
  record Signal(int number, String name) implements Exit {}
}
