package dev.stoker.header;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The media types a caller takes, and how much it likes each (RFC 9110, 12.5.1). Immutable. */
public record Accept(List<Range> ranges) {
  private static final String NAME = "Accept";
  private static final String ALLOWED = "media ranges with weights, as in application/json;q=0.5";
  private static final int WEIGHT_MAX = 1000;

  /**
   * One media range.
   *
   * @param type lower case; {@code *} for any
   * @param subtype lower case; {@code *} for any
   * @param weight 0 (never) to 1000
   */
  public record Range(String type, String subtype, int weight) {
    private int precision() {
      return "*".equals(type) ? 0 : "*".equals(subtype) ? 1 : 2;
    }

    private boolean matches(String mediaType) {
      return "*".equals(type)
          || ("*".equals(subtype)
              ? mediaType.startsWith(type + "/")
              : mediaType.equals(type + "/" + subtype));
    }
  }

  public Accept {
    ranges = List.copyOf(ranges);
  }

  /**
   * Reads an {@code Accept} field; none is {@code *}{@code /*}.
   *
   * @throws dev.stoker.run.ServiceException INVALID_REQUEST when it is not a list of media ranges
   */
  public static Accept parse(@Nullable String field) {
    List<Range> ranges = new ArrayList<>(2);
    if (field != null) {
      for (String part : Tokens.split(field, ',')) {
        ranges.add(range(part));
      }
    }
    return new Accept(ranges.isEmpty() ? List.of(new Range("*", "*", WEIGHT_MAX)) : ranges);
  }

  /** The best liked of {@code offered}; of equals the first. Empty when none is acceptable. */
  public Optional<String> best(List<String> offered) {
    String best = null;
    int bestWeight = 0;
    for (String mediaType : offered) {
      int weight = weight(mediaType);
      if (weight > bestWeight) {
        best = mediaType;
        bestWeight = weight;
      }
    }
    return Optional.ofNullable(best);
  }

  /** Whether a media type, in lower case, is asked for by its own name. */
  public boolean names(String mediaType) {
    return ranges.stream()
        .anyMatch(range -> mediaType.equals(range.type() + "/" + range.subtype()));
  }

  /** How much a media type is liked; the most precise range decides. */
  public int weight(String mediaType) {
    int parameters = mediaType.indexOf(';');
    String bare =
        (parameters < 0 ? mediaType : mediaType.substring(0, parameters))
            .trim()
            .toLowerCase(Locale.ROOT);
    int weight = 0;
    int precision = -1;
    for (Range range : ranges) {
      if (range.matches(bare) && range.precision() > precision) {
        precision = range.precision();
        weight = range.weight();
      }
    }
    return weight;
  }

  private static Range range(String text) {
    List<String> parts = Tokens.split(text, ';');
    String name = parts.isEmpty() ? "" : parts.getFirst().toLowerCase(Locale.ROOT);
    int slash = name.indexOf('/');
    if (slash <= 0
        || slash == name.length() - 1
        || name.indexOf(' ') >= 0
        || (name.startsWith("*") && !"*/*".equals(name))) {
      throw Malformed.header(NAME, text, ALLOWED);
    }
    int weight = WEIGHT_MAX;
    for (String parameter : parts.subList(1, parts.size())) {
      if (parameter.toLowerCase(Locale.ROOT).startsWith("q=")) {
        weight = weight(text, parameter.substring(2).trim());
      }
    }
    return new Range(name.substring(0, slash), name.substring(slash + 1), weight);
  }

  private static int weight(String range, String text) {
    if (!text.matches("0(\\.\\d{0,3})?|1(\\.0{0,3})?")) {
      throw Malformed.header(NAME, range, "a weight q from 0 to 1 with three digits at most");
    }
    return (int) Math.round(Double.parseDouble(text) * WEIGHT_MAX);
  }
}
