package dev.stoker.yaml;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What to write where a Java type is wanted. */
final class TypeText {
  private static final Set<Class<?>> WHOLE =
      Set.of(int.class, long.class, short.class, Integer.class, Long.class, Short.class);
  private static final Set<Class<?>> DECIMAL =
      Set.of(double.class, float.class, Double.class, Float.class, java.math.BigDecimal.class);

  private TypeText() {}

  static String of(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (WHOLE.contains(type)) {
      return "a whole number";
    }
    if (DECIMAL.contains(type)) {
      return "a number";
    }
    if (type == String.class) {
      return "text (in quotes where it looks like a number, true or false)";
    }
    if (type == Duration.class) {
      return "a duration, as in 30s";
    }
    if (type == dev.stoker.run.ByteSize.class) {
      return "a size, as in 64KiB";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
          .collect(Collectors.joining(", "));
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    if (Map.class.isAssignableFrom(type)) {
      return "a map";
    }
    if (type.isRecord()) {
      return "a map with the keys "
          + keys(Arrays.stream(type.getRecordComponents()).map(KeyName::of).toList());
    }
    return "another value";
  }

  static String keys(Collection<String> keys) {
    return keys.stream().sorted().collect(Collectors.joining(", "));
  }
}
