package dev.stoker.schema;

import java.util.Set;
import java.util.TreeSet;

/** The keywords of JSON Schema 2020-12 that a tool's parameters may use, by what they hold. */
final class SchemaKeywords {
  /** A schema. */
  static final Set<String> ONE =
      Set.of(
          "additionalProperties",
          "contains",
          "else",
          "if",
          "items",
          "not",
          "propertyNames",
          "then",
          "unevaluatedItems",
          "unevaluatedProperties");

  /** A list of schemas. */
  static final Set<String> LIST = Set.of("allOf", "anyOf", "oneOf", "prefixItems");

  /** Schemas by name. */
  static final Set<String> MAP =
      Set.of("properties", "patternProperties", "dependentSchemas", "$defs");

  /** Values that the validator wants as an int. */
  static final Set<String> COUNT =
      Set.of(
          "maxContains",
          "maxItems",
          "maxLength",
          "maxProperties",
          "minContains",
          "minItems",
          "minLength",
          "minProperties");

  /** Other values. {@code multiline} is Stoker's own: a text may have more than one line. */
  static final Set<String> VALUE =
      Set.of(
          "$comment",
          "$ref",
          "const",
          "contentEncoding",
          "contentMediaType",
          "default",
          "dependentRequired",
          "deprecated",
          "description",
          "enum",
          "examples",
          "exclusiveMaximum",
          "exclusiveMinimum",
          "format",
          "maximum",
          "minimum",
          "multipleOf",
          "multiline",
          "pattern",
          "readOnly",
          "required",
          "title",
          "type",
          "uniqueItems",
          "writeOnly");

  /** The formats that are checked. */
  static final Set<String> FORMATS =
      new TreeSet<>(
          Set.of(
              "date",
              "date-time",
              "duration",
              "email",
              "hostname",
              "idn-email",
              "idn-hostname",
              "ipv4",
              "ipv6",
              "json-pointer",
              "regex",
              "relative-json-pointer",
              "time",
              "uri",
              "uri-reference",
              "uri-template",
              "uuid"));

  private SchemaKeywords() {}

  static boolean isKnown(String keyword) {
    return ONE.contains(keyword)
        || LIST.contains(keyword)
        || MAP.contains(keyword)
        || COUNT.contains(keyword)
        || VALUE.contains(keyword)
        || keyword.startsWith("x-");
  }

  /** For a message. */
  static String all() {
    Set<String> all = new TreeSet<>(ONE);
    all.addAll(LIST);
    all.addAll(MAP);
    all.addAll(COUNT);
    all.addAll(VALUE);
    return String.join(", ", all) + ", x-…";
  }
}
