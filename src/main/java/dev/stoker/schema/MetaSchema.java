package dev.stoker.schema;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The schema of schemas, from the validator's own jar. */
final class MetaSchema {
  private static final String BASE = "https://json-schema.org/draft/2020-12/";
  private static final List<String> PARTS =
      List.of(
          "schema",
          "meta/core",
          "meta/applicator",
          "meta/unevaluated",
          "meta/validation",
          "meta/meta-data",
          "meta/format-annotation",
          "meta/content");

  private MetaSchema() {}

  /** Notes where {@code schema} is no JSON Schema 2020-12. */
  static void check(JsonObject schema, String path, Mistakes mistakes) {
    OutputUnit result = Holder.VALIDATOR.validate(schema);
    if (result.getValid()) {
      return;
    }
    List<OutputUnit> errors = result.getErrors() == null ? List.of() : result.getErrors();
    List<String> seen = new ArrayList<>();
    for (OutputUnit error : errors) {
      String at = path + SchemaPointer.path(error.getInstanceLocation());
      boolean leaf = errors.stream().noneMatch(other -> isDeeper(other, error));
      if (leaf && !seen.contains(at)) {
        seen.add(at);
        mistakes.add(at, "is not allowed in a JSON Schema 2020-12: " + error.getError());
      }
    }
    if (seen.isEmpty()) {
      mistakes.add(path, "is not a JSON Schema 2020-12");
    }
  }

  private static boolean isDeeper(OutputUnit other, OutputUnit error) {
    return other.getKeywordLocation().length() > error.getKeywordLocation().length()
        && other.getKeywordLocation().startsWith(error.getKeywordLocation() + "/");
  }

  /** Built when the first schema is read. */
  private static final class Holder {
    static final Validator VALIDATOR = validator();

    private static Validator validator() {
      JsonSchemaOptions options =
          new JsonSchemaOptions()
              .setBaseUri(BASE)
              .setDraft(Draft.DRAFT202012)
              .setOutputFormat(OutputFormat.Basic);
      SchemaRepository repository = SchemaRepository.create(options);
      PARTS.forEach(part -> repository.dereference(BASE + part, JsonSchema.of(resource(part))));
      return repository.validator(BASE + "schema");
    }

    private static JsonObject resource(String part) {
      String name = "json-schema.org/draft/2020-12/" + part;
      try (InputStream in = JsonSchema.class.getClassLoader().getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("the class path has no " + name);
        }
        return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new IllegalStateException("cannot read " + name, e);
      }
    }
  }
}
