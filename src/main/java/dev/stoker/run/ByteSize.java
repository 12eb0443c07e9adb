package dev.stoker.run;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, written {@code 512}, {@code 64KiB}, {@code 1.5GiB}. Immutable. */
public record ByteSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(B|KiB|MiB|GiB|TiB)?");
  private static final Map<String, Long> UNITS =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative");
    }
  }

  /**
   * Reads a number with an optional unit of B, KiB, MiB, GiB or TiB.
   *
   * @throws IllegalArgumentException saying what is allowed
   */
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text.trim());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a size; allowed: a number and B, KiB, MiB, GiB or TiB, as in 64KiB");
    }
    String unit = matcher.group(2) == null ? "B" : matcher.group(2);
    try {
      BigDecimal bytes =
          new BigDecimal(matcher.group(1))
              .multiply(BigDecimal.valueOf(UNITS.getOrDefault(unit, 1L)));
      return new ByteSize(bytes.longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a whole number of bytes below 8 EiB", e);
    }
  }

  /** The largest unit that divides it, as in {@code 64KiB}. */
  @Override
  public String toString() {
    String[] names = {"TiB", "GiB", "MiB", "KiB"};
    for (String name : names) {
      long unit = UNITS.getOrDefault(name, 1L);
      if (bytes >= unit && bytes % unit == 0) {
        return bytes / unit + name;
      }
    }
    return bytes + "B";
  }
}
