package dev.stoker.header;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a caller would like (RFC 7240). Preferences that are not known are ignored, as the standard
 * says; of two alike the first counts. Immutable.
 *
 * @param respond when the answer may come
 * @param patience of {@code wait}; null without it
 * @param handling what a run that fails is
 */
public record Preferences(Respond respond, @Nullable Duration patience, Handling handling) {
  /** Nothing preferred. */
  public static final Preferences NONE = new Preferences(Respond.ANY, null, Handling.LENIENT);

  private static final String NAME = "Prefer";

  /** When the answer may come. */
  public enum Respond {
    ANY,
    /** {@code respond-async}. */
    ASYNC
  }

  /** What a run that fails is. */
  public enum Handling {
    /** An answer like any other. */
    LENIENT,
    /** A 422. */
    STRICT
  }

  /**
   * Reads a {@code Prefer} field.
   *
   * @param waitMax the longest wait; a longer one is shortened to it
   * @throws dev.stoker.run.ServiceException INVALID_REQUEST when a known preference has a value
   *     that it cannot have
   */
  public static Preferences parse(@Nullable String field, Duration waitMax) {
    if (field == null) {
      return NONE;
    }
    Respond respond = Respond.ANY;
    Duration patience = null;
    Optional<Handling> handling = Optional.empty();
    for (String preference : Tokens.split(field, ',')) {
      List<String> parts = Tokens.split(preference, ';');
      String first = parts.isEmpty() ? "" : parts.getFirst();
      int equals = first.indexOf('=');
      String name = (equals < 0 ? first : first.substring(0, equals)).trim();
      String value = equals < 0 ? "" : Tokens.unquote(first.substring(equals + 1).trim());
      switch (name.toLowerCase(Locale.ROOT)) {
        case "respond-async" -> respond = Respond.ASYNC;
        case "wait" -> patience = patience != null ? patience : seconds(value, waitMax);
        case "handling" -> handling = handling.isPresent() ? handling : handling(value);
        default -> {}
      }
    }
    return new Preferences(respond, patience, handling.orElse(Handling.LENIENT));
  }

  /** Whether the caller does not wait to the end, whenever that is. */
  public boolean detached() {
    return respond == Respond.ASYNC || patience != null;
  }

  /** What was honoured, for {@code Preference-Applied}; empty for nothing. */
  public String applied() {
    List<String> applied = new ArrayList<>(3);
    if (respond == Respond.ASYNC) {
      applied.add("respond-async");
    }
    if (patience != null) {
      applied.add("wait=" + patience.toSeconds());
    }
    if (handling == Handling.STRICT) {
      applied.add("handling=strict");
    }
    return String.join(", ", applied);
  }

  private static Duration seconds(String value, Duration max) {
    if (!value.matches("\\d{1,9}")) {
      throw Malformed.header(NAME, "wait=" + value, "wait and a whole number of seconds");
    }
    Duration asked = Duration.ofSeconds(Long.parseLong(value));
    return asked.compareTo(max) > 0 ? max : asked;
  }

  /** A value that is not known is as if it had not been said. */
  private static Optional<Handling> handling(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "strict" -> Optional.of(Handling.STRICT);
      case "lenient" -> Optional.of(Handling.LENIENT);
      default -> Optional.empty();
    };
  }
}
