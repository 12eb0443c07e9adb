package dev.stoker.schema;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Makes JSON of a form's or a query's fields, as the schema says. */
final class FieldReader {
  private static final Pattern WHOLE = Pattern.compile("-?\\d{1,18}");
  private static final Pattern DECIMAL =
      Pattern.compile("-?\\d{1,40}(\\.\\d{1,40})?([eE][+-]?\\d{1,3})?");

  private FieldReader() {}

  static JsonObject read(Map<String, List<String>> fields, JsonObject schema) {
    JsonObject properties = schema.getJsonObject("properties", new JsonObject());
    JsonObject parameters = new JsonObject();
    fields.forEach(
        (name, texts) -> {
          if (!texts.isEmpty()) {
            JsonObject property =
                properties.getValue(name) instanceof JsonObject object ? object : new JsonObject();
            parameters.put(name, field(texts, property));
          }
        });
    return parameters;
  }

  private static Object field(List<String> texts, JsonObject schema) {
    if (ParameterFacts.types(schema).contains("array")) {
      JsonObject items =
          schema.getValue("items") instanceof JsonObject object ? object : new JsonObject();
      JsonArray values = new JsonArray();
      texts.forEach(text -> values.add(value(text, items)));
      return values;
    }
    return texts.size() == 1
        ? value(texts.getFirst(), schema)
        : new JsonArray(List.<Object>copyOf(texts));
  }

  private static Object value(String text, JsonObject schema) {
    List<String> types = ParameterFacts.types(schema);
    if (types.contains("integer") && WHOLE.matcher(text).matches()) {
      return whole(text);
    }
    if (types.contains("number") && DECIMAL.matcher(text).matches()) {
      return WHOLE.matcher(text).matches() ? whole(text) : decimal(text);
    }
    if (types.contains("boolean") && (text.equals("true") || text.equals("false"))) {
      return Boolean.valueOf(text);
    }
    return types.contains("object") ? object(text) : text;
  }

  private static Object whole(String text) {
    long value = Long.parseLong(text);
    return value == (int) value ? (Object) (int) value : (Object) value;
  }

  private static Object decimal(String text) {
    double value = Double.parseDouble(text);
    return Double.isFinite(value) ? value : text;
  }

  private static Object object(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException notJson) {
      return text;
    }
  }
}
