package dev.stoker.header;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import java.util.List;

/** Makes the one failure of this package. */
final class Malformed {
  private static final int SHOWN_CHARACTERS_MAX = 80;

  private Malformed() {}

  static ServiceException header(String name, String value, String allowed) {
    String shown =
        value.length() <= SHOWN_CHARACTERS_MAX
            ? value
            : value.substring(0, SHOWN_CHARACTERS_MAX) + "…";
    return ServiceException.invalid(
        ErrorCode.INVALID_REQUEST,
        "the header " + name + " is not what it may be",
        List.of(
            new Violation(
                "header " + name, "'" + shown + "' is not allowed; allowed: " + allowed)));
  }
}
