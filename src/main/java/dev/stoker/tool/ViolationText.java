package dev.stoker.tool;

import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
  private final Set<Violation> found = new LinkedHashSet<>();
  private final Set<String> listed = new LinkedHashSet<>();

  ViolationText(JsonObject schema, JsonObject instance) {
    this.schema = schema;
    this.instance = instance;
  }

  List<Violation> of(List<OutputUnit> errors) {
    for (OutputUnit error : errors) {
      one(SchemaPointer.steps(error.getKeywordLocation()), error.getInstanceLocation());
    }
    if (found.isEmpty()) {
      found.add(new Violation("params", "are not what the tool's schema allows"));
    }
    // A value out of its list is one mistake, whatever type it has.
    found.removeIf(v -> listed.contains(v.field()) && v.message().startsWith("must be "));
    return found.stream().limit(VIOLATIONS_MAX).toList();
  }

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
        if (Boolean.FALSE.equals(rule)) {
          add(field, unknown(owner, location));
        }
      }
      case "properties", "patternProperties" -> {
        if (owner.getJsonObject(keyword).stream()
            .anyMatch(e -> Boolean.FALSE.equals(e.getValue()))) {
          String name = field.substring(field.lastIndexOf('.') + 1);
          if (Boolean.FALSE.equals(owner.getJsonObject(keyword).getValue(name))) {
            add(field, "is not allowed");
          }
        }
      }
      case "enum" -> {
        listed.add(field);
        add(field, Values.quoted(value) + " is not allowed; allowed: " + list((JsonArray) rule));
      }
      default -> {
        String message = RuleText.of(keyword, rule, value, owner);
        if (message != null) {
          add(field, message);
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
    found.add(new Violation(field, message));
  }

  private static @Nullable Object step(@Nullable Object value, List<String> steps) {
    Object at = value;
    for (String step : new ArrayList<>(steps)) {
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
