package dev.stoker.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the schema alone says about one parameter, for those who put its values somewhere.
 * Immutable.
 *
 * @param presence whether every checked request has a value for it
 * @param start what its values, or its items, may do at the start of an argument
 * @param choices the only texts it may have; empty when it is not an enumeration
 */
public record ParameterFacts(Kind kind, Presence presence, Start start, Set<String> choices) {
  private static final Set<String> NUMERIC = Set.of("integer", "number", "boolean");
  private static final Set<String> SCALAR = Set.of("integer", "number", "boolean", "string");

  /** What can be made of its values. */
  public enum Kind {
    /** One piece of text. */
    SCALAR,
    /** A list of pieces of text. */
    LIST,
    /** Nothing an argument could hold. */
    OTHER
  }

  /** Whether it is there. */
  public enum Presence {
    ALWAYS,
    /** A caller may leave it out. */
    PERHAPS;

    /** Of what is {@code required}, or is not. */
    public static Presence of(boolean required) {
      return required ? ALWAYS : PERHAPS;
    }
  }

  /** What may come first in an argument. */
  public enum Start {
    /** Anything: a value that begins with {@code -} must be refused. */
    ANYTHING,
    /** Only what the catalog's author has listed, perhaps nothing at all. */
    LISTED,
    /** A number, true or false. */
    NUMBER
  }

  public ParameterFacts {
    choices = Set.copyOf(choices);
  }

  /** The facts of each declared parameter, in the schema's order. */
  static Map<String, ParameterFacts> of(JsonObject schema) {
    Map<String, ParameterFacts> facts = new LinkedHashMap<>();
    List<?> required = schema.getJsonArray("required", new JsonArray()).getList();
    JsonObject properties = schema.getJsonObject("properties", new JsonObject());
    for (String name : properties.fieldNames()) {
      Object property = properties.getValue(name);
      facts.put(
          name,
          property instanceof JsonObject object
              ? of(object, required.contains(name))
              : new ParameterFacts(
                  Kind.OTHER, Presence.of(required.contains(name)), Start.ANYTHING, Set.of()));
    }
    return facts;
  }

  private static ParameterFacts of(JsonObject property, boolean required) {
    List<String> types = types(property);
    boolean nullable = types.contains("null") || types.isEmpty();
    Presence presence =
        Presence.of(!nullable && (required || property.getValue("default") != null));
    if (types.equals(List.of("array")) && property.getValue("items") instanceof JsonObject items) {
      List<String> itemTypes = types(items);
      boolean texts = !itemTypes.isEmpty() && SCALAR.containsAll(itemTypes);
      return new ParameterFacts(texts ? Kind.LIST : Kind.OTHER, presence, start(items), Set.of());
    }
    boolean text =
        !types.isEmpty() && types.stream().allMatch(t -> SCALAR.contains(t) || t.equals("null"));
    Kind kind = text ? Kind.SCALAR : Kind.OTHER;
    return new ParameterFacts(kind, presence, start(property), choices(property));
  }

  private static Start start(JsonObject schema) {
    if (listed(schema) != null) {
      return Start.LISTED;
    }
    List<String> types = types(schema);
    return !types.isEmpty() && NUMERIC.containsAll(types) ? Start.NUMBER : Start.ANYTHING;
  }

  /** The JSON types a value may have; empty when the schema does not say. */
  static List<String> types(JsonObject schema) {
    Object type = schema.getValue("type");
    if (type instanceof String one) {
      return List.of(one);
    }
    if (type instanceof JsonArray many) {
      return many.stream().map(String::valueOf).toList();
    }
    JsonArray listed = listed(schema);
    return listed == null
        ? List.of()
        : listed.stream().map(ParameterFacts::type).distinct().toList();
  }

  private static Set<String> choices(JsonObject schema) {
    JsonArray listed = listed(schema);
    return listed == null
        ? Set.of()
        : Set.copyOf(listed.stream().map(Values::text).distinct().toList());
  }

  private static @Nullable JsonArray listed(JsonObject schema) {
    if (schema.containsKey("const")) {
      return new JsonArray().add(schema.getValue("const"));
    }
    return schema.getJsonArray("enum");
  }

  private static String type(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String s -> "string";
      case Boolean b -> "boolean";
      case Number n -> Values.isWhole(n) ? "integer" : "number";
      case JsonArray a -> "array";
      default -> "object";
    };
  }
}
