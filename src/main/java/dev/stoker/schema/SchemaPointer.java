package dev.stoker.schema;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The validator's locations, which are JSON pointers in a URI's fragment. */
final class SchemaPointer {
  private static final Pattern INDEX = Pattern.compile("\\d+");

  private SchemaPointer() {}

  /** Its steps, unescaped. */
  static List<String> steps(String location) {
    String pointer = location.substring(location.indexOf('#') + 1);
    if (pointer.isEmpty()) {
      return List.of();
    }
    return Arrays.stream(pointer.substring(1).split("/", -1)).map(SchemaPointer::unescape).toList();
  }

  /** To be put behind a name: {@code .a[0].b}, or nothing. */
  static String path(String location) {
    return steps(location).stream()
        .map(step -> INDEX.matcher(step).matches() ? "[" + step + "]" : "." + step)
        .collect(Collectors.joining());
  }

  private static String unescape(String step) {
    try {
      // The encoder leaves + alone, and the decoder would make it a space.
      String decoded = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8);
      return decoded.replace("~1", "/").replace("~0", "~");
    } catch (IllegalArgumentException e) {
      // The encoder writes a byte below 16 with one digit.
      return step;
    }
  }
}
