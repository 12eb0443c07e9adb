package dev.stoker.schema;

import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters whose values are told to nobody: those whose schema says {@code writeOnly: true}
 * (JSON Schema Validation, 9.4) somewhere. Immutable.
 */
final class SecretParameters {
  private static final String ANNOTATION = "writeOnly";
  private static final String PROPERTIES = "properties";
  private static final String DISCREET =
      "is not what the tool's schema allows; it is secret, so no more is told";

  /** As much of a value as is looked for: messages shorten what they quote. */
  private static final int CHARACTERS_MAX = 20;

  /** A shorter text is in many a message by chance. */
  private static final int CHARACTERS_MIN = 3;

  private final Set<String> names;

  private SecretParameters(Set<String> names) {
    this.names = Set.copyOf(names);
  }

  /** Those of a schema without references. */
  static SecretParameters of(JsonObject schema) {
    Set<String> names = new LinkedHashSet<>();
    for (Map.Entry<String, Object> property : schema.getJsonObject(PROPERTIES, new JsonObject())) {
      if (isMarked(property.getValue())) {
        names.add(property.getKey());
      }
    }
    return new SecretParameters(names);
  }

  /** Notes a mark that would be overlooked, since it is on no parameter's own schema. */
  static void check(JsonObject schema, String path, Mistakes mistakes) {
    JsonObject rest = schema.copy();
    rest.remove(PROPERTIES);
    rest.remove("$defs");
    if (isMarked(rest)) {
      mistakes.add(
          path + "." + ANNOTATION,
          "would be overlooked where it is; allowed: within " + path + ".properties");
    }
  }

  private static boolean isMarked(@Nullable Object schema) {
    return switch (schema) {
      case JsonObject object ->
          Boolean.TRUE.equals(object.getValue(ANNOTATION))
              || object.stream().anyMatch(entry -> isMarked(entry.getValue()));
      case JsonArray array -> array.stream().anyMatch(SecretParameters::isMarked);
      case null, default -> false;
    };
  }

  Set<String> names() {
    return names;
  }

  /** The same mistakes with nothing in them of a secret value. */
  List<Violation> discreet(List<Violation> violations, JsonObject given) {
    if (names.isEmpty() || violations.isEmpty()) {
      return violations;
    }
    List<String> texts = new ArrayList<>();
    names.forEach(name -> collect(given.getValue(name), texts));
    return violations.stream()
        .map(violation -> discreet(violation, given, texts))
        .distinct()
        .toList();
  }

  private Violation discreet(Violation violation, JsonObject given, List<String> texts) {
    String name = parameter(violation.field());
    if (names.contains(name)) {
      return given.containsKey(name) ? new Violation("params." + name, DISCREET) : violation;
    }
    String told = violation.field() + " " + violation.message();
    return texts.stream().anyMatch(told::contains)
        ? new Violation("params", "are not what the tool's schema allows")
        : violation;
  }

  /** The parameter that a field such as {@code params.tags[1]} belongs to. */
  private static String parameter(String field) {
    String below = field.startsWith("params.") ? field.substring("params.".length()) : "";
    int end = 0;
    while (end < below.length() && below.charAt(end) != '.' && below.charAt(end) != '[') {
      end++;
    }
    return below.substring(0, end);
  }

  private static void collect(@Nullable Object value, List<String> texts) {
    switch (value) {
      case null -> {}
      case JsonObject object -> object.forEach(entry -> collect(entry.getValue(), texts));
      case JsonArray array -> array.forEach(item -> collect(item, texts));
      case Map<?, ?> map -> map.values().forEach(item -> collect(item, texts));
      case List<?> list -> list.forEach(item -> collect(item, texts));
      default -> {
        String text = Values.text(value);
        if (text.length() >= CHARACTERS_MIN) {
          texts.add(text.substring(0, Math.min(text.length(), CHARACTERS_MAX)));
        }
      }
    }
  }
}
