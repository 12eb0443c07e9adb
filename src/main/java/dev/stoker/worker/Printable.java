package dev.stoker.worker;

/** What a tool has written, made fit for a log line and a reason. Stateless. */
final class Printable {
  private Printable() {}

  /** The text with a space for each control character and each character that is none. */
  static String text(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) || !Character.isDefined(c) ? ' ' : c)
        .forEach(printable::appendCodePoint);
    return printable.toString().strip();
  }
}
