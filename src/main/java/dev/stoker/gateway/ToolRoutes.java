package dev.stoker.gateway;

import dev.stoker.audit.Action;
import dev.stoker.audit.Audit;
import dev.stoker.cache.ResultCache;
import dev.stoker.exchange.Exchange;
import dev.stoker.request.Tools;
import dev.stoker.run.DurationText;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/** The catalog, and the purge of what its tools made. Thread-safe. */
final class ToolRoutes {
  private final Catalog catalog;
  private final Tools tools;
  private final ResultCache cache;
  private final Audited audited;

  ToolRoutes(Tools tools, ResultCache cache, Audit audit) {
    this.audited = new Audited(audit);
    this.catalog = tools.catalog();
    this.tools = tools;
    this.cache = cache;
  }

  /** {@code GET /v1/tools}. */
  Future<Void> list(Exchange exchange) {
    JsonArray all = new JsonArray();
    catalog.tools().forEach(tool -> all.add(encode(tool)));
    JsonArray problems = new JsonArray();
    catalog
        .problems()
        .forEach(
            problem ->
                problems.add(
                    new JsonObject()
                        .put("file", problem.file())
                        .put("path", problem.path())
                        .put("message", problem.message())));
    exchange.json(200, new JsonObject().put("tools", all).put("problems", problems));
    return Future.succeededFuture();
  }

  /** {@code GET /v1/tools/{tool}}. */
  Future<Void> get(Exchange exchange) {
    exchange.json(200, encode(tools.find(exchange.path("tool"))));
    return Future.succeededFuture();
  }

  /** {@code DELETE /v1/cache}. */
  Future<Void> purge(Exchange exchange) {
    String tool = exchange.query("tool");
    return audited
        .tell(
            exchange,
            Audited.asked(Action.PURGE, exchange).tool(tool),
            () -> {
              if (tool != null) {
                tools.find(tool);
              }
              return exchange.here(cache.purge(Optional.ofNullable(tool)));
            })
        .onSuccess(purged -> exchange.json(200, new JsonObject().put("purged", purged)))
        .mapEmpty();
  }

  private static JsonObject encode(Tool tool) {
    ToolDefinition definition = tool.definition();
    JsonObject json =
        new JsonObject()
            .put("name", definition.name())
            .put("description", definition.description());
    switch (tool.availability()) {
      case Availability.Available _ -> json.put("available", true);
      case Availability.Unavailable(String reason) ->
          json.put("available", false).put("reason", reason);
    }
    json.put("digest", tool.digest().toString())
        .put("parameters", definition.parameters().copy())
        .put("inputs", inputs(definition))
        .put("outputs", outputs(definition))
        .put("stdin", definition.stdin().name().toLowerCase(Locale.ROOT))
        .put(
            "timeout",
            new JsonObject()
                .put("default", DurationText.format(definition.timeout().byDefault()))
                .put("max", DurationText.format(definition.timeout().max())))
        .put(
            "limits",
            new JsonObject()
                .put("stdout", definition.limits().stdout().bytes())
                .put("stderr", definition.limits().stderr().bytes())
                .put("onExceed", definition.limits().onExceed().name().toLowerCase(Locale.ROOT)))
        .put(
            "concurrency",
            new JsonObject()
                .put("perNode", definition.concurrency().perNode())
                .put("queue", definition.concurrency().queue()))
        .put("isolation", definition.isolation().name().toLowerCase(Locale.ROOT))
        .put("onDisconnect", definition.onDisconnect().name().toLowerCase(Locale.ROOT));
    ToolDefinition.Cache cached = definition.cache();
    return cached == null
        ? json
        : json.put("cache", new JsonObject().put("ttl", DurationText.format(cached.ttl())));
  }

  private static JsonObject inputs(ToolDefinition definition) {
    JsonObject inputs = new JsonObject();
    new TreeMap<>(definition.inputs())
        .forEach(
            (name, input) ->
                inputs.put(
                    name,
                    new JsonObject()
                        .put("description", input.description())
                        .put("required", input.required())
                        .put("maxBytes", input.maxSize().bytes())
                        .put("mediaType", input.mediaType())));
    return inputs;
  }

  private static JsonObject outputs(ToolDefinition definition) {
    JsonObject outputs = new JsonObject();
    new TreeMap<>(definition.outputs())
        .forEach(
            (name, output) ->
                outputs.put(
                    name,
                    new JsonObject()
                        .put("description", output.description())
                        .put("mediaType", output.mediaType())
                        .put("required", output.required())
                        .put("maxBytes", output.maxSize().bytes())));
    return outputs;
  }
}
