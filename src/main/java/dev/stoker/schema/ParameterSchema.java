package dev.stoker.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.run.Violation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A tool's parameters, as their schema allows them. Immutable and thread-safe. */
public final class ParameterSchema {
  /** The most digits that a number is let in with, written without exponent. */
  public static final int NUMBER_DIGITS_MAX = ValueRules.DIGITS_MAX;

  private static final String BASE = "stoker://parameters";

  private final JsonObject schema;
  private final Validator verdict;
  private final Validator report;
  private final boolean allowsNone;
  private final SecretParameters secrets;

  /**
   * @param schema without references; not changed, not to be changed
   */
  private ParameterSchema(JsonObject schema) {
    this.schema = schema;
    this.verdict = validator(schema, OutputFormat.Flag);
    this.report = validator(schema, OutputFormat.Basic);
    this.secrets = SecretParameters.of(schema);
    this.allowsNone = verdict.validate(new JsonObject()).getValid();
  }

  /**
   * Reads the {@code parameters} of a file and notes what is wrong.
   *
   * @param node null when the file has none
   * @return one that takes nothing, when there are mistakes
   */
  public static ParameterSchema read(@Nullable JsonNode node, Mistakes mistakes) {
    return new ParameterSchema(new SchemaReader(mistakes).read(node));
  }

  /** The schema without references; not to be changed. */
  public JsonObject json() {
    return schema;
  }

  /** The facts of each declared parameter, in the schema's order. */
  public Map<String, ParameterFacts> facts() {
    return ParameterFacts.of(schema);
  }

  /**
   * Reads the fields of a form or query, each as the schema says. What cannot be read stays text,
   * for {@link #check} to complain of.
   */
  public JsonObject coerce(Map<String, List<String>> fields) {
    return FieldReader.read(fields, schema);
  }

  /** The parameters whose values are told to nobody, by name. */
  public Set<String> secrets() {
    return secrets.names();
  }

  /**
   * What may be told of mistakes: with nothing in it of a secret parameter's value.
   *
   * @param given the parameters in which they were found
   */
  public List<Violation> discreet(List<Violation> violations, JsonObject given) {
    return secrets.discreet(violations, given);
  }

  /** Fills in the defaults and looks for everything that is not allowed; changes nothing. */
  public Checked check(JsonObject parameters) {
    ValueRules.Breaches breaches = ValueRules.check(parameters, schema);
    if (breaches.shape() == ValueRules.Shape.REFUSED) {
      return new Checked(parameters, breaches.violations());
    }
    JsonObject filled = withDefaults(parameters);
    List<Violation> all = new ArrayList<>(breaches.violations());
    violations(filled).stream()
        .filter(v -> breaches.violations().stream().noneMatch(b -> b.field().equals(v.field())))
        .forEach(all::add);
    return new Checked(filled, all);
  }

  /**
   * Parameters that were looked at.
   *
   * @param filled a copy with the defaults filled in; as they were given when they are not JSON of
   *     a size that can be dealt with
   * @param violations one for each mistake, its field such as {@code params.tags[1]}; empty when
   *     they are allowed
   */
  public record Checked(JsonObject filled, List<Violation> violations) {
    public Checked {
      violations = List.copyOf(violations);
    }
  }

  /** A copy with the default of each member that is not there. */
  public JsonObject withDefaults(JsonObject parameters) {
    JsonObject filled = parameters.copy();
    fill(filled, schema);
    return filled;
  }

  /** One for each mistake; empty when the schema allows it. */
  private List<Violation> violations(JsonObject parameters) {
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
