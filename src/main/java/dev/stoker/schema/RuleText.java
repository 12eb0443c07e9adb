package dev.stoker.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a keyword of a schema demands, in words for the caller. */
final class RuleText {
  private static final Map<String, String> TYPES =
      Map.of(
          "string", "text",
          "integer", "a whole number",
          "number", "a number",
          "boolean", "true or false",
          "array", "a list",
          "object", "an object",
          "null", "null");

  private RuleText() {}

  /** Why {@code value} breaks the rule; null for a keyword that only leads to another one. */
  static @Nullable String of(
      String keyword, @Nullable Object rule, @Nullable Object value, JsonObject schema) {
    String given = Values.quoted(value);
    return switch (keyword) {
      case "type" -> "must be " + types(rule) + ", not " + kind(value);
      case "const" -> "must be " + Values.quoted(rule) + ", not " + given;
      case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum" ->
          given + " is out of range" + allowed(schema);
      case "multipleOf" -> given + " is not a multiple of " + Values.text(rule);
      case "minLength" -> "is too short; allowed: at least " + rule + " characters";
      case "maxLength" -> "is too long; allowed: at most " + rule + " characters";
      case "pattern" -> given + " is not in the form allowed: " + rule;
      case "format" -> given + " is not allowed; allowed: a value of the format " + rule;
      case "minItems" -> "has too few items; allowed: at least " + rule;
      case "maxItems" -> "has too many items; allowed: at most " + rule;
      case "uniqueItems" -> "holds a value twice; allowed: each value once";
      case "minProperties" -> "has too few members; allowed: at least " + rule;
      case "maxProperties" -> "has too many members; allowed: at most " + rule;
      case "contains", "minContains", "maxContains" -> "does not hold the items it must";
      case "propertyNames" -> "has a member with a name that is not allowed";
      case "anyOf", "oneOf" -> "is in none, or in too many, of the forms allowed" + forms(rule);
      case "not" -> given + " is excluded";
      default -> null;
    };
  }

  /** Behind a message: what the schema of a value allows; nothing when it says nothing short. */
  static String allowed(@Nullable Object schema) {
    if (!(schema instanceof JsonObject object)) {
      return "";
    }
    if (object.getValue("enum") instanceof JsonArray listed) {
      return "; allowed: " + ViolationText.list(listed);
    }
    String range = range(object);
    Object type = object.getValue("type");
    if (type == null && range.isEmpty()) {
      return "";
    }
    return "; allowed: " + (type == null ? "a number" : types(type)) + range;
  }

  private static String range(JsonObject schema) {
    StringBuilder range = new StringBuilder();
    bound(range, " of at least ", schema.getValue("minimum"));
    bound(range, " above ", schema.getValue("exclusiveMinimum"));
    bound(range, range.isEmpty() ? " of at most " : " and at most ", schema.getValue("maximum"));
    bound(range, range.isEmpty() ? " below " : " and below ", schema.getValue("exclusiveMaximum"));
    return range.toString();
  }

  private static void bound(StringBuilder range, String words, @Nullable Object bound) {
    if (bound != null) {
      range.append(words).append(Values.text(bound));
    }
  }

  private static String forms(@Nullable Object rule) {
    List<String> titles =
        rule instanceof JsonArray forms
            ? forms.stream()
                .filter(JsonObject.class::isInstance)
                .map(form -> allowed(form).replaceFirst("^; allowed: ", ""))
                .filter(text -> !text.isEmpty())
                .toList()
            : List.of();
    return titles.isEmpty() ? "" : ": " + String.join("; or ", titles);
  }

  private static String types(@Nullable Object rule) {
    return rule instanceof JsonArray many
        ? many.stream().map(RuleText::type).collect(Collectors.joining(" or "))
        : type(rule);
  }

  private static String type(@Nullable Object name) {
    return TYPES.getOrDefault(String.valueOf(name), String.valueOf(name));
  }

  private static String kind(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> "the text " + Values.quoted(text);
      case Boolean flag -> flag.toString();
      case Number number -> Values.text(number);
      case JsonArray array -> "a list";
      default -> "an object";
    };
  }
}
