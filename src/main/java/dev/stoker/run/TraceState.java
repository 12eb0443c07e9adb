package dev.stoker.run;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The value of a {@code tracestate} header field, checked by the grammar of W3C Trace Context.
 * Stateless.
 */
final class TraceState {
  static final int MEMBERS_MAX = 32;

  /** What the standard wants to be handed on at least. */
  static final int LENGTH_MAX = 512;

  private static final Pattern MEMBER =
      Pattern.compile(
          "(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
              + "=[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]");

  private TraceState() {}

  /**
   * What of it is handed on: nothing where it has a mistake, and otherwise as many of its members
   * from the first on as fit.
   */
  static String checked(String values) {
    StringBuilder kept = new StringBuilder();
    Set<String> keys = new LinkedHashSet<>();
    boolean fits = true;
    for (String text : values.split(",", -1)) {
      String member = text.strip();
      if (member.isEmpty()) {
        continue;
      }
      if (!MEMBER.matcher(member).matches()
          || !keys.add(member.substring(0, member.indexOf('=')))
          || keys.size() > MEMBERS_MAX) {
        return "";
      }
      fits = fits && kept.length() + 1 + member.length() <= LENGTH_MAX;
      if (fits) {
        kept.append(kept.isEmpty() ? "" : ",").append(member);
      }
    }
    return kept.toString();
  }
}
