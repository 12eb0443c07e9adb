package dev.stoker.schema;

import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What no value may be, whatever the schema says: text with a NUL or half a surrogate pair, text
 * with control characters unless its schema says {@code multiline: true} and they are tab, newline
 * or carriage return, numbers that are none, too deep, too many.
 */
final class ValueRules {
  /** The deepest nesting of lists and objects. */
  static final int DEPTH_MAX = 32;

  /** The most values in one request, lists' items and objects' members counted. */
  static final int VALUES_MAX = 4096;

  /** The most digits of a number, written without exponent. */
  static final int DIGITS_MAX = 1000;

  private static final String MULTILINE = "multiline";

  private final List<Violation> found = new ArrayList<>();
  private Shape shape = Shape.JSON;
  private int count;

  private ValueRules() {}

  /** Each breach, by the path of its value; empty when there is none. */
  static Breaches check(JsonObject parameters, JsonObject schema) {
    ValueRules rules = new ValueRules();
    Map<String, Object> map = parameters.getMap();
    if (rules.isHarmless(map, 0)) {
      return Breaches.NONE;
    }
    rules.count = 0;
    rules.object(map, "params", schema, Multiline.REFUSED, 0);
    return new Breaches(rules.found, rules.shape);
  }

  /**
   * What was found.
   *
   * @param shape whether the validator may look at the values at all
   */
  record Breaches(List<Violation> violations, Shape shape) {
    private static final Breaches NONE = new Breaches(List.of(), Shape.JSON);

    Breaches {
      violations = List.copyOf(violations);
    }
  }

  /** Whether values are JSON of a size that can be dealt with. */
  enum Shape {
    JSON,
    REFUSED
  }

  /** The usual case, without building a path for each value. */
  private boolean isHarmless(@Nullable Object value, int depth) {
    if (++count > VALUES_MAX || depth > DEPTH_MAX) {
      return false;
    }
    return switch (value) {
      case null -> true;
      case String text -> firstRefused(text, Multiline.REFUSED) < 0;
      case Boolean flag -> true;
      case Number number -> isWritable(number);
      case JsonObject object -> isHarmless(object.getMap(), depth);
      case JsonArray array -> isHarmless(array.getList(), depth);
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          if (!isHarmless(entry.getKey(), depth) || !isHarmless(entry.getValue(), depth + 1)) {
            yield false;
          }
        }
        yield true;
      }
      case List<?> list -> {
        for (Object item : list) {
          if (!isHarmless(item, depth + 1)) {
            yield false;
          }
        }
        yield true;
      }
      default -> false;
    };
  }

  private void value(
      @Nullable Object value,
      String path,
      @Nullable Object schema,
      Multiline inherited,
      int depth) {
    if (++count > VALUES_MAX) {
      if (count == VALUES_MAX + 1) {
        shape("params", "holds too many values; allowed: at most " + VALUES_MAX);
      }
      return;
    }
    if (depth > DEPTH_MAX) {
      shape(path, "is nested too deep; allowed: at most " + DEPTH_MAX + " levels");
      return;
    }
    Multiline multiline = Multiline.of(schema, inherited);
    switch (value) {
      case null -> {}
      case Boolean flag -> {}
      case String text -> text(text, path, multiline);
      case Number number -> {
        if (!isWritable(number)) {
          shape(path, "is not a number that can be written in " + DIGITS_MAX + " digits");
        }
      }
      case JsonObject object -> object(object.getMap(), path, schema, multiline, depth);
      case JsonArray array -> list(array.getList(), path, schema, multiline, depth);
      case Map<?, ?> map -> object(map, path, schema, multiline, depth);
      case List<?> list -> list(list, path, schema, multiline, depth);
      default -> shape(path, "is not a JSON value");
    }
  }

  private void object(
      Map<?, ?> map, String path, @Nullable Object schema, Multiline multiline, int depth) {
    JsonObject properties =
        schema instanceof JsonObject object ? object.getJsonObject("properties") : null;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = String.valueOf(entry.getKey());
      if (firstRefused(key, Multiline.REFUSED) >= 0) {
        // The validator's locations cannot tell such names.
        shape(path, "has a name with a character that is not allowed: " + Values.quoted(key));
      } else {
        Object sub = properties == null ? null : properties.getValue(key);
        value(entry.getValue(), path + "." + key, sub, multiline, depth + 1);
      }
    }
  }

  private void list(
      List<?> list, String path, @Nullable Object schema, Multiline multiline, int depth) {
    Object items = schema instanceof JsonObject object ? object.getValue("items") : null;
    for (int i = 0; i < list.size(); i++) {
      value(list.get(i), path + "[" + i + "]", items, multiline, depth + 1);
    }
  }

  private void text(String text, String path, Multiline multiline) {
    int at = firstRefused(text, multiline);
    if (at < 0) {
      return;
    }
    char c = text.charAt(at);
    if (Character.isSurrogate(c)) {
      add(path, "holds half a surrogate pair at position " + at + ", which is no character");
      return;
    }
    String allowed =
        multiline == Multiline.ALLOWED && c != 0
            ? "; allowed: tab, newline and carriage return, no other control character"
            : "; allowed: text without control characters";
    add(
        path,
        "holds the control character U+%04X at position %d%s".formatted((int) c, at, allowed));
  }

  private void shape(String path, String message) {
    shape = Shape.REFUSED;
    add(path, message);
  }

  private void add(String path, String message) {
    found.add(new Violation(path, message));
  }

  private static int firstRefused(String text, Multiline multiline) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f) {
        continue;
      }
      if (Character.isISOControl(c)) {
        if (multiline == Multiline.REFUSED || (c != '\n' && c != '\r' && c != '\t')) {
          return i;
        }
      } else if (Character.isHighSurrogate(c)
          && i + 1 < length
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return i;
      }
    }
    return -1;
  }

  /** A small text such as 1e999999999 would be a gigabyte of digits. */
  private static boolean isWritable(Number number) {
    return switch (number) {
      case Double value -> Double.isFinite(value);
      case Float value -> Float.isFinite(value);
      case BigInteger value -> value.bitLength() < DIGITS_MAX * 3;
      case BigDecimal value -> Math.abs((long) value.scale()) + value.precision() <= DIGITS_MAX;
      case Integer value -> true;
      case Long value -> true;
      case Short value -> true;
      case Byte value -> true;
      default -> false;
    };
  }

  /** Whether a text may have more than one line. */
  private enum Multiline {
    ALLOWED,
    REFUSED;

    static Multiline of(@Nullable Object schema, Multiline inherited) {
      return schema instanceof JsonObject object && object.containsKey(MULTILINE)
          ? object.getBoolean(MULTILINE) ? ALLOWED : REFUSED
          : inherited;
    }
  }
}
