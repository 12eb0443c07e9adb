package dev.stoker.header;

import dev.stoker.run.Command;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request's {@code Priority} (RFC 9218). */
public final class Urgency {
  private Urgency() {}

  /**
   * The urgency, 0 (first) to 7 (last); 3 where none is given. Members that are not known, and
   * values out of range, are ignored, as the standard says.
   */
  public static int parse(@Nullable String field) {
    int urgency = Command.PRIORITY_DEFAULT;
    if (field != null) {
      for (String member : Tokens.split(field, ',')) {
        List<String> parts = Tokens.split(member, ';');
        String item = parts.isEmpty() ? "" : parts.getFirst();
        if (item.startsWith("u=") || "u".equals(item)) {
          // Of two members of one name the last counts (RFC 8941, 3.2).
          urgency = item.matches("u=[0-7]") ? item.charAt(2) - '0' : Command.PRIORITY_DEFAULT;
        }
      }
    }
    return urgency;
  }
}
