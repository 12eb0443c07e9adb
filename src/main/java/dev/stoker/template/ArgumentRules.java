package dev.stoker.template;

import dev.stoker.run.Violation;
import dev.stoker.schema.ParameterSchema;
import dev.stoker.schema.Values;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a value may not be because of where it stands in an argument. Immutable.
 *
 * @param exposed parameters whose values may not begin with {@code -}
 */
record ArgumentRules(Set<String> exposed) {
  ArgumentRules {
    exposed = Set.copyOf(exposed);
  }

  /** Values that the program would read as an option. */
  List<Violation> options(JsonObject filled) {
    List<Violation> violations = new ArrayList<>();
    for (String name : exposed) {
      Object value = filled.getValue(name);
      if (value instanceof JsonArray items) {
        for (int i = 0; i < items.size(); i++) {
          option(items.getValue(i), "params." + name + "[" + i + "]", violations);
        }
      } else {
        option(value, "params." + name, violations);
      }
    }
    return violations;
  }

  private static void option(@Nullable Object value, String field, List<Violation> violations) {
    if (value != null && Values.text(value).startsWith("-")) {
      violations.add(
          new Violation(
              field,
              Values.quoted(value)
                  + " begins with '-', which the program would read as an option;"
                  + " allowed: text that begins with another character"));
    }
  }

  /** At most this many characters are in the values, however they are written. */
  static long chars(@Nullable Object value) {
    return switch (value) {
      case null -> 4;
      case String text -> text.length();
      case JsonArray array -> array.stream().mapToLong(ArgumentRules::chars).sum() + array.size();
      case JsonObject object -> object.stream().mapToLong(e -> chars(e.getValue())).sum();
      case Integer i -> 11;
      case Long l -> 20;
      case Boolean b -> 5;
      default -> ParameterSchema.NUMBER_DIGITS_MAX;
    };
  }
}
