package dev.stoker.contract;

import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.StdinMode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.TreeMap;

/** The document with a path for each tool: its parameters, inputs, outputs. */
final class ServedDocument {
  private static final String TEMPLATE = "/v1/tools/{tool}/runs";
  private static final String BINARY = "application/octet-stream";

  private ServedDocument() {}

  /** Adds a tool's path to a document, which is changed. */
  static void add(JsonObject document, Tool tool) {
    ToolDefinition definition = tool.definition();
    JsonObject paths = document.getJsonObject("paths");
    JsonObject operation = paths.getJsonObject(TEMPLATE).getJsonObject("post").copy();
    operation
        .put("operationId", "run-" + definition.name())
        .put("summary", "Run " + definition.name())
        .put("description", definition.description())
        .put("requestBody", requestBody(definition));
    JsonObject content =
        operation.getJsonObject("responses").getJsonObject("200").getJsonObject("content");
    definition
        .outputs()
        .values()
        .forEach(
            output ->
                content.put(
                    output.mediaType().toLowerCase(Locale.ROOT),
                    new JsonObject().put("schema", new JsonObject().put("type", "string"))));
    paths.put(
        TEMPLATE.replace("{tool}", definition.name()), new JsonObject().put("post", operation));
  }

  private static JsonObject requestBody(ToolDefinition definition) {
    JsonObject parameters = definition.parameters().copy();
    parameters.remove("$schema");
    JsonObject inputs = new JsonObject();
    JsonObject form = new JsonObject();
    JsonArray required = new JsonArray();
    JsonObject properties = parameters.getJsonObject("properties", new JsonObject());
    properties.forEach(property -> form.put(property.getKey(), property.getValue()));
    new TreeMap<>(definition.inputs())
        .forEach(
            (name, input) -> {
              inputs.put(name, new JsonObject().put("$ref", "#/components/schemas/DigestText"));
              form.put(name, filePart(input.description()));
              if (input.required()) {
                required.add(name);
              }
            });
    JsonObject json =
        new JsonObject().put("params", parameters).put("inputs", object(inputs, required));
    JsonObject content = new JsonObject();
    if (definition.stdin() != StdinMode.NONE) {
      json.put(
          "stdin",
          new JsonObject().put("$ref", "#/components/schemas/RunRequest/properties/stdin"));
      form.put("stdin", filePart("Standard input."));
      content.put(BINARY, new JsonObject());
    }
    JsonObject formSchema = object(form, required);
    content.put("application/json", schema(object(json, new JsonArray())));
    content.put("multipart/form-data", schema(formSchema));
    return new JsonObject().put("content", content);
  }

  private static JsonObject filePart(String description) {
    return new JsonObject()
        .put("type", "string")
        .put("contentMediaType", BINARY)
        .put("description", description);
  }

  private static JsonObject object(JsonObject properties, JsonArray required) {
    JsonObject schema =
        new JsonObject()
            .put("type", "object")
            .put("additionalProperties", false)
            .put("properties", properties);
    return required.isEmpty() ? schema : schema.put("required", required.copy());
  }

  private static JsonObject schema(JsonObject schema) {
    return new JsonObject().put("schema", schema);
  }
}
