package dev.stoker.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code parameters} of a catalog file: a JSON Schema 2020-12 of type object that is
 * whole in itself. References are put in place, so that whoever shows the schema may show any part
 * of it; a keyword that would be ignored is a mistake.
 */
final class SchemaReader {
  private static final String ROOT = "parameters";
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");

  private final Mistakes mistakes;

  SchemaReader(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  /** The schema with what is implied said; one that takes nothing, when there are mistakes. */
  JsonObject read(@Nullable JsonNode node) {
    JsonObject none = new JsonObject().put("type", "object").put("additionalProperties", false);
    if (node == null || node.isNull()) {
      return none;
    }
    if (!node.isObject()) {
      mistakes.add(ROOT, "must be a map: a JSON Schema of type object");
      return none;
    }
    int before = mistakes.count();
    JsonObject written = new JsonObject(node.toString());
    Object dialect = written.remove("$schema");
    if (dialect != null && !DIALECT.equals(dialect)) {
      mistakes.add(ROOT + ".$schema", "is not supported; allowed: " + DIALECT);
    }
    Object type = written.getValue("type", "object");
    if (!"object".equals(type)) {
      mistakes.add(ROOT + ".type", "must be object, not " + type);
    }
    MetaSchema.check(written, ROOT, mistakes);
    if (mistakes.count() > before) {
      return none;
    }
    schema(written, ROOT);
    if (mistakes.count() > before) {
      return none;
    }
    JsonObject whole = new SchemaInliner(written, ROOT, mistakes).inline();
    names(whole);
    SecretParameters.check(whole, ROOT, mistakes);
    return mistakes.count() > before ? none : implied(whole);
  }

  private static JsonObject implied(JsonObject schema) {
    JsonObject said = new JsonObject().put("type", "object");
    schema.forEach(entry -> said.put(entry.getKey(), entry.getValue()));
    if (!said.containsKey("additionalProperties") && !said.containsKey("unevaluatedProperties")) {
      said.put("additionalProperties", false);
    }
    return said;
  }

  private void names(JsonObject schema) {
    for (String name : schema.getJsonObject("properties", new JsonObject()).fieldNames()) {
      if (!NAME.matcher(name).matches()) {
        mistakes.add(
            ROOT + ".properties." + name,
            "is not a parameter's name; allowed: a letter, then letters, digits, _ and -, at most 63");
      }
    }
  }

  private void any(@Nullable Object value, String path) {
    if (value instanceof JsonObject object) {
      schema(object, path);
    }
  }

  private void schema(JsonObject schema, String path) {
    for (String keyword : schema.fieldNames()) {
      String at = path + "." + keyword;
      Object value = schema.getValue(keyword);
      if (!SchemaKeywords.isKnown(keyword)) {
        mistakes.add(at, "is not a keyword here; allowed: " + SchemaKeywords.all());
      } else if (SchemaKeywords.ONE.contains(keyword)) {
        any(value, at);
      } else if (value instanceof JsonArray list && SchemaKeywords.LIST.contains(keyword)) {
        for (int i = 0; i < list.size(); i++) {
          any(list.getValue(i), at + "[" + i + "]");
        }
      } else if (value instanceof JsonObject map && SchemaKeywords.MAP.contains(keyword)) {
        map.forEach(entry -> any(entry.getValue(), at + "." + entry.getKey()));
        if (keyword.equals("patternProperties")) {
          map.fieldNames().forEach(pattern -> regex(pattern, at));
        }
      } else {
        value(keyword, value, at);
      }
    }
  }

  private void value(String keyword, @Nullable Object value, String path) {
    switch (keyword) {
      case "pattern" -> regex(String.valueOf(value), path);
      case "format" -> oneOf(value, SchemaKeywords.FORMATS, path);
      case "multiline" -> {
        if (!(value instanceof Boolean)) {
          mistakes.add(path, "must be true or false");
        }
      }
      case "$ref" -> {
        if (!String.valueOf(value).startsWith("#/")) {
          mistakes.add(
              path, Values.quoted(value) + " is outside this file; allowed: #/$defs/<name>");
        }
      }
      default -> {
        if (SchemaKeywords.COUNT.contains(keyword) && !(value instanceof Integer)) {
          mistakes.add(path, "must be a whole number of at most " + Integer.MAX_VALUE);
        }
      }
    }
  }

  private void oneOf(@Nullable Object value, Set<String> allowed, String path) {
    if (!(value instanceof String text) || !allowed.contains(text)) {
      mistakes.add(
          path, Values.quoted(value) + " is not checked; allowed: " + String.join(", ", allowed));
    }
  }

  private void regex(String pattern, String path) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      mistakes.add(
          path, Values.quoted(pattern) + " is not a regular expression: " + e.getDescription());
    }
  }
}
