package dev.stoker.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Puts in place of each {@code $ref} what it refers to. A schema that refers to itself is refused:
 * no command line needs one, and it could keep the validator busy for ever. Confined to one
 * reading.
 */
final class SchemaInliner {
  /** The most schemas that a file may grow to. */
  static final int SCHEMAS_MAX = 5000;

  private final JsonObject root;
  private final String rootPath;
  private final Mistakes mistakes;
  private final Deque<String> open = new ArrayDeque<>();
  private int schemas;

  SchemaInliner(JsonObject root, String rootPath, Mistakes mistakes) {
    this.root = root;
    this.rootPath = rootPath;
    this.mistakes = mistakes;
  }

  /** The same schema without references and without {@code $defs}. */
  JsonObject inline() {
    return schema(root, rootPath);
  }

  private @Nullable Object any(@Nullable Object value, String path) {
    return value instanceof JsonObject object ? schema(object, path) : value;
  }

  private JsonObject schema(JsonObject schema, String path) {
    JsonObject result = new JsonObject();
    if (++schemas > SCHEMAS_MAX) {
      if (schemas == SCHEMAS_MAX + 1) {
        mistakes.add(rootPath, "grows to more than " + SCHEMAS_MAX + " schemas");
      }
      return result;
    }
    for (String keyword : schema.fieldNames()) {
      String at = path + "." + keyword;
      Object value = schema.getValue(keyword);
      if (SchemaKeywords.ONE.contains(keyword)) {
        result.put(keyword, any(value, at));
      } else if (value instanceof JsonArray list && SchemaKeywords.LIST.contains(keyword)) {
        JsonArray copy = new JsonArray();
        for (int i = 0; i < list.size(); i++) {
          copy.add(any(list.getValue(i), at + "[" + i + "]"));
        }
        result.put(keyword, copy);
      } else if (value instanceof JsonObject map && SchemaKeywords.MAP.contains(keyword)) {
        if (!keyword.equals("$defs")) {
          JsonObject copy = new JsonObject();
          map.forEach(e -> copy.put(e.getKey(), any(e.getValue(), at + "." + e.getKey())));
          result.put(keyword, copy);
        }
      } else if (!keyword.equals("$ref")) {
        result.put(keyword, value);
      }
    }
    String reference = schema.getString("$ref");
    return reference == null ? result : merged(result, target(reference, path + ".$ref"));
  }

  private @Nullable Object target(String reference, String path) {
    Object target = find(reference);
    if (!(target instanceof JsonObject) && !(target instanceof Boolean)) {
      mistakes.add(path, "'" + reference + "' is not in this file; allowed: #/$defs/<name>");
      return null;
    }
    if (open.contains(reference)) {
      mistakes.add(path, "'" + reference + "' refers to itself, which is not allowed");
      return null;
    }
    open.push(reference);
    try {
      return any(target, path);
    } finally {
      open.pop();
    }
  }

  private @Nullable Object find(String reference) {
    try {
      return JsonPointer.from(reference.substring(1)).queryJson(root);
    } catch (IllegalArgumentException notAPointer) {
      return null;
    }
  }

  /** What stands beside the reference holds as well as what it refers to. */
  private static JsonObject merged(JsonObject beside, @Nullable Object target) {
    if (!(target instanceof JsonObject object)) {
      return Boolean.FALSE.equals(target) ? beside.put("not", new JsonObject()) : beside;
    }
    boolean overlap = beside.fieldNames().stream().anyMatch(object::containsKey);
    if (!overlap) {
      return beside.mergeIn(object);
    }
    JsonArray all = beside.getJsonArray("allOf", new JsonArray()).copy();
    return beside.put("allOf", all.add(object));
  }
}
