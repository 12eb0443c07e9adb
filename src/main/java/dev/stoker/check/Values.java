package dev.stoker.check;

import dev.stoker.tool.ToolDefinition;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What a parameter's schema lets through. Immutable.
 *
 * @param schema of the parameter, or of its items
 */
record Values(JsonObject schema) {
  private static final Set<String> BOUNDS =
      Set.of("pattern", "enum", "const", "maxLength", "format");

  static Values of(ToolDefinition tool, String parameter) {
    JsonObject properties = tool.parameters().getJsonObject("properties", new JsonObject());
    JsonObject schema =
        properties.getValue(parameter) instanceof JsonObject found ? found : new JsonObject();
    return new Values(schema.getValue("items") instanceof JsonObject items ? items : schema);
  }

  /** Whether it may be text. */
  boolean isText() {
    Object type = schema.getValue("type");
    return switch (type) {
      case String one -> one.equals("string");
      case JsonArray many -> many.contains("string");
      case null, default -> !isListed();
    };
  }

  /** The only values that it may have; empty when it is not an enumeration. */
  List<String> choices() {
    if (schema.getValue("const") != null) {
      return List.of(String.valueOf(schema.getValue("const")));
    }
    return schema.getValue("enum") instanceof JsonArray listed
        ? listed.stream().map(String::valueOf).toList()
        : List.of();
  }

  boolean isListed() {
    return !choices().isEmpty();
  }

  /** Whether it is text that nothing bounds. */
  boolean isUnbounded() {
    return isText() && BOUNDS.stream().noneMatch(schema::containsKey);
  }

  /** Whether this text would be let in, as far as enumeration, pattern and type say. */
  boolean allows(String text) {
    if (!isText()) {
      return false;
    }
    if (isListed()) {
      return choices().contains(text);
    }
    if (schema.getValue("format") != null) {
      return false;
    }
    if (!(schema.getValue("pattern") instanceof String pattern)) {
      return true;
    }
    try {
      return Pattern.compile(pattern).matcher(text).find();
    } catch (PatternSyntaxException e) {
      return true;
    }
  }
}
