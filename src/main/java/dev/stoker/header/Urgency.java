package dev.stoker.header;

import dev.stoker.run.Command;
import org.jspecify.annotations.Nullable;

/** A request's {@code Priority} (RFC 9218). */
public final class Urgency {
  private Urgency() {}

  /**
   * The urgency, 0 (first) to 7 (last); 3 where none is given.
   *
   * @throws dev.stoker.run.ServiceException INVALID_REQUEST when it is not one of these
   */
  public static int parse(@Nullable String field) {
    if (field != null) {
      for (String member : Tokens.split(field, ',')) {
        if (member.startsWith("u=") || "u".equals(member)) {
          String value = member.length() > 2 ? member.substring(2).trim() : "";
          if (!value.matches("[0-7]")) {
            throw Malformed.header("Priority", field, "u=0 (first) to u=7 (last)");
          }
          return Integer.parseInt(value);
        }
      }
    }
    return Command.PRIORITY_DEFAULT;
  }
}
