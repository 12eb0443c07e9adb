package dev.stoker.schema;

import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says what the validator found in words for the caller: which parameter, what is allowed. The
 * validator's own text is not shown. Confined to one check.
 */
final class ViolationText {
  /** The most that are told of one request. */
  static final int VIOLATIONS_MAX = 50;

  /** Failures below these are not the mistake, only part of how it was found. */
  private static final Set<String> CHOICES =
      Set.of("anyOf", "oneOf", "not", "contains", "if", "propertyNames");

  private final JsonObject schema;
  private final JsonObject instance;
  private final Set<Finding> found = new LinkedHashSet<>();

  ViolationText(JsonObject schema, JsonObject instance) {
    this.schema = schema;
    this.instance = instance;
  }

  List<Violation> of(List<OutputUnit> errors) {
    for (OutputUnit error : errors) {
      one(SchemaPointer.steps(error.getKeywordLocation()), error.getInstanceLocation());
    }
    if (found.isEmpty()) {
      return List.of(new Violation("params", "are not what the tool's schema allows"));
    }
    // A value out of its list, or of another type, is one mistake, whatever else it breaks.
    Map<String, Rank> first = new HashMap<>();
    found.forEach(f -> first.merge(f.violation().field(), f.rank(), Rank::earlier));
    return found.stream()
        .filter(f -> first.get(f.violation().field()) == f.rank())
        .map(Finding::violation)
        .limit(VIOLATIONS_MAX)
        .toList();
  }

  /** What tells most comes first. */
  private enum Rank {
    LIST,
    TYPE,
    REST;

    static Rank of(String keyword) {
      return switch (keyword) {
        case "enum", "const" -> LIST;
        case "type" -> TYPE;
        default -> REST;
      };
    }

    static Rank earlier(Rank a, Rank b) {
      return a.compareTo(b) < 0 ? a : b;
    }
  }

  private record Finding(Rank rank, Violation violation) {}

  private void one(List<String> steps, String location) {
    Object at = schema;
    for (int i = 0; i < steps.size(); i++) {
      String keyword = steps.get(i);
      JsonObject owner = at instanceof JsonObject object ? object : new JsonObject();
      if (i == steps.size() - 1) {
        keyword(keyword, owner, location);
        return;
      }
      if (CHOICES.contains(keyword)) {
        return;
      }
      at = owner.getValue(keyword);
      boolean indexed =
          SchemaKeywords.MAP.contains(keyword) || SchemaKeywords.LIST.contains(keyword);
      if (indexed && i + 1 < steps.size() - 1) {
        at = step(at, steps.get(++i));
      }
    }
  }

  private void keyword(String keyword, JsonObject owner, String location) {
    Object value = step(instance, SchemaPointer.steps(location));
    String field = "params" + SchemaPointer.path(location);
    Object rule = owner.getValue(keyword);
    switch (keyword) {
      case "required" -> required(owner, value, field);
      case "dependentRequired" -> dependent(owner, value, field);
      case "additionalProperties", "unevaluatedProperties" -> {
        if (Boolean.FALSE.equals(rule) && isUnknown(owner, location)) {
          add(field, unknown(owner, location));
        }
      }
      case "properties" -> {
        String name = SchemaPointer.steps(location).getLast();
        if (Boolean.FALSE.equals(((JsonObject) rule).getValue(name))) {
          add(field, "is not allowed");
        }
      }
      case "enum" ->
          add(
              Rank.LIST,
              field,
              Values.quoted(value) + " is not allowed; allowed: " + list((JsonArray) rule));
      default -> {
        String message = RuleText.of(keyword, rule, value, owner);
        if (message != null) {
          add(Rank.of(keyword), field, message);
        }
      }
    }
  }

  private void required(JsonObject owner, @Nullable Object value, String field) {
    for (Object name : owner.getJsonArray("required")) {
      if (value instanceof JsonObject object && !object.containsKey(String.valueOf(name))) {
        Object property =
            owner.getJsonObject("properties", new JsonObject()).getValue(String.valueOf(name));
        add(field + "." + name, "is missing" + RuleText.allowed(property));
      }
    }
  }

  private void dependent(JsonObject owner, @Nullable Object value, String field) {
    if (!(value instanceof JsonObject object)) {
      return;
    }
    for (var entry : owner.getJsonObject("dependentRequired")) {
      if (object.containsKey(entry.getKey())) {
        for (Object name : (JsonArray) entry.getValue()) {
          if (!object.containsKey(String.valueOf(name))) {
            add(field + "." + name, "is missing; it must be given with " + entry.getKey());
          }
        }
      }
    }
  }

  /** The validator also calls a member additional whose value its own schema refuses. */
  private static boolean isUnknown(JsonObject owner, String location) {
    String name = SchemaPointer.steps(location).getLast();
    return !owner.getJsonObject("properties", new JsonObject()).containsKey(name)
        && owner.getJsonObject("patternProperties", new JsonObject()).fieldNames().stream()
            .noneMatch(pattern -> Pattern.compile(pattern).matcher(name).find());
  }

  private static String unknown(JsonObject owner, String location) {
    Set<String> names = owner.getJsonObject("properties", new JsonObject()).fieldNames();
    String kind =
        SchemaPointer.steps(location).size() == 1
            ? "is not a parameter of this tool"
            : "is unknown";
    return names.isEmpty()
        ? kind + "; allowed: none"
        : kind + "; allowed: " + names.stream().sorted().collect(Collectors.joining(", "));
  }

  static String list(JsonArray values) {
    return values.stream().map(Values::text).collect(Collectors.joining(", "));
  }

  private void add(String field, String message) {
    add(Rank.REST, field, message);
  }

  private void add(Rank rank, String field, String message) {
    found.add(new Finding(rank, new Violation(field, message)));
  }

  private static @Nullable Object step(@Nullable Object value, List<String> steps) {
    Object at = value;
    for (String step : steps) {
      at = step(at, step);
    }
    return at;
  }

  private static @Nullable Object step(@Nullable Object value, String step) {
    return switch (value) {
      case JsonObject object -> object.getValue(step);
      case JsonArray array -> {
        int index = Integer.parseInt(step);
        yield index < array.size() ? array.getValue(index) : null;
      }
      case null, default -> null;
    };
  }
}
