package dev.stoker.header;

import java.util.ArrayList;
import java.util.List;

/** Splits a field's value where no quoted string is (RFC 9110, section 5.6). */
final class Tokens {
  private Tokens() {}

  /** The parts between separators, trimmed; empty ones are left out. */
  static List<String> split(String value, char separator) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    boolean quoted = false;
    for (int at = 0; at < value.length(); at++) {
      char c = value.charAt(at);
      if (c == '\\' && quoted) {
        at++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        add(parts, value.substring(from, at));
        from = at + 1;
      }
    }
    add(parts, value.substring(from));
    return parts;
  }

  /** The text of a token or quoted string. */
  static String unquote(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1") : text;
  }

  private static void add(List<String> parts, String part) {
    String trimmed = part.trim();
    if (!trimmed.isEmpty()) {
      parts.add(trimmed);
    }
  }
}
