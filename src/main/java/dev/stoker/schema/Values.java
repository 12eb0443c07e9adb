package dev.stoker.schema;

import io.vertx.core.json.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** JSON values as text, the same in an argument and in a message. */
public final class Values {
  private static final int QUOTED_CHARS_MAX = 60;

  private Values() {}

  /** A number without exponent, true or false, a string as it is; other values as JSON. */
  public static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> text;
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Boolean flag -> flag.toString();
      case Number number -> plain(decimal(number));
      default -> Json.encode(value);
    };
  }

  /** For a message: in quotes, shortened, with nothing in it that could break a line. */
  public static String quoted(@Nullable Object value) {
    String text = text(value);
    StringBuilder quoted = new StringBuilder("'");
    int length = Math.min(text.length(), QUOTED_CHARS_MAX);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      quoted.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '\uFFFD' : c);
    }
    return quoted.append(text.length() > length ? "…'" : "'").toString();
  }

  static boolean isWhole(Number number) {
    return decimal(number).stripTrailingZeros().scale() <= 0;
  }

  /** Neither false, null nor empty. */
  public static boolean isPresent(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean flag -> flag;
      case String text -> !text.isEmpty();
      case Iterable<?> many -> many.iterator().hasNext();
      case java.util.Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }

  /** Its exact value, however it is held. */
  public static BigDecimal decimal(Number number) {
    return switch (number) {
      case BigDecimal decimal -> decimal;
      case BigInteger integer -> new BigDecimal(integer);
      case Double value -> BigDecimal.valueOf(value);
      case Float value -> new BigDecimal(value.toString());
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  private static String plain(BigDecimal decimal) {
    return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
  }
}
