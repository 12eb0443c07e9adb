package dev.stoker.tool;

import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.List;

/** A tool's parameters, as their schema allows them. Immutable and thread-safe. */
final class ParameterSchema {
  private static final String BASE = "stoker://parameters";

  private final JsonObject schema;
  private final Validator verdict;
  private final Validator report;
  private final boolean allowsNone;

  /**
   * @param schema without references; not changed, not to be changed
   */
  ParameterSchema(JsonObject schema) {
    this.schema = schema;
    this.verdict = validator(schema, OutputFormat.Flag);
    this.report = validator(schema, OutputFormat.Basic);
    this.allowsNone = verdict.validate(new JsonObject()).getValid();
  }

  JsonObject json() {
    return schema;
  }

  /** A copy with the default of each member that is not there. */
  JsonObject withDefaults(JsonObject parameters) {
    JsonObject filled = parameters.copy();
    fill(filled, schema);
    return filled;
  }

  /** One for each mistake; empty when the schema allows it. */
  List<Violation> violations(JsonObject parameters) {
    try {
      if (parameters.isEmpty() ? allowsNone : verdict.validate(parameters).getValid()) {
        return List.of();
      }
      List<OutputUnit> errors = report.validate(parameters).getErrors();
      return new ViolationText(schema, parameters).of(errors == null ? List.of() : errors);
    } catch (StackOverflowError e) {
      // java.util.regex recurses once for each character of some patterns.
      return List.of(new Violation("params", "holds a text too long for its pattern"));
    }
  }

  private static void fill(JsonObject object, JsonObject schema) {
    JsonObject properties = schema.getJsonObject("properties");
    if (properties == null) {
      return;
    }
    for (String name : properties.fieldNames()) {
      if (!(properties.getValue(name) instanceof JsonObject property)) {
        continue;
      }
      if (!object.containsKey(name) && property.getValue("default") != null) {
        object.put(name, copy(property.getValue("default")));
      }
      if (object.getValue(name) instanceof JsonObject nested) {
        fill(nested, property);
      }
    }
  }

  private static Object copy(Object value) {
    return switch (value) {
      case JsonObject object -> object.copy();
      case JsonArray array -> array.copy();
      default -> value;
    };
  }

  private static Validator validator(JsonObject schema, OutputFormat format) {
    JsonSchemaOptions options =
        new JsonSchemaOptions()
            .setBaseUri(BASE)
            .setDraft(Draft.DRAFT202012)
            .setOutputFormat(format);
    // The validator writes its notes into the schema it is given.
    return Validator.create(JsonSchema.of(schema.copy()), options);
  }
}
