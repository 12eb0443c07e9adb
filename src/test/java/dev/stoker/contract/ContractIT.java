package dev.stoker.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.contract.OpenAPIContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ContractIT {
  private static final String TOOL =
      """
      name: transcode
      description: Converts a video
      command: [cat, "${inputs.video}", "${params.seconds}"]
      parameters:
        properties: {seconds: {type: integer, minimum: 1}}
        required: [seconds]
      inputs: {video: {required: true}}
      outputs: {avi: {path: out.avi, mediaType: video/x-msvideo}}
      stdin: optional
      isolation: none
      """;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    result(vertx.close());
  }

  @Test
  void shouldRefuseRoutesThatAreNotTheDocuments() throws Exception {
    Contract contract = result(Contract.load(vertx));
    Map<String, Handler<RoutingContext>> handlers = new HashMap<>();
    contract.operationIds().forEach(operation -> handlers.put(operation, routing -> {}));

    assertThat(contract.router(vertx, handlers).getRoutes()).isNotEmpty();
    handlers.put("another", routing -> {});
    assertThatThrownBy(() -> contract.router(vertx, handlers)).hasMessageContaining("another");
    handlers.remove("another");
    handlers.remove("getRun");
    assertThatThrownBy(() -> contract.router(vertx, handlers)).hasMessageContaining("getRun");
  }

  @Test
  void shouldServeADocumentThatParsesWithAPathForEachTool() throws Exception {
    Contract contract = result(Contract.load(vertx));

    JsonObject served;
    try (Catalog catalog = Catalog.of(settings(), Map.of("transcode.yaml", TOOL))) {
      served = contract.served(catalog).toJsonObject();
    }

    OpenAPIContract parsed = result(OpenAPIContract.from(vertx, ParserView.of(served)));
    assertThat(parsed.operation("run-transcode")).isNotNull();
    JsonObject post =
        served
            .getJsonObject("paths")
            .getJsonObject("/v1/tools/transcode/runs")
            .getJsonObject("post");
    JsonObject form =
        post.getJsonObject("requestBody")
            .getJsonObject("content")
            .getJsonObject("multipart/form-data")
            .getJsonObject("schema");
    assertThat(form.getJsonObject("properties").fieldNames()).contains("seconds", "video", "stdin");
    assertThat(
            post.getJsonObject("responses")
                .getJsonObject("200")
                .getJsonObject("content")
                .fieldNames())
        .contains("video/x-msvideo", "application/json");
    assertThat(served.getString("openapi")).isEqualTo("3.1.0");
  }

  private static CatalogSettings settings() {
    Bound<ByteSize> size = new Bound<>(new ByteSize(1 << 20), new ByteSize(1 << 30));
    return new CatalogSettings(
        Path.of("."),
        List.of(Path.of("/usr/bin"), Path.of("/bin")),
        Duration.ZERO,
        new Bound<>(Duration.ofSeconds(30), Duration.ofMinutes(10)),
        new Bound<>(Duration.ofMillis(300), Duration.ofSeconds(10)),
        new Bound<>(4, 100),
        new Bound<>(20, 1000),
        size,
        size,
        size,
        size,
        new Bound<>(Duration.ofHours(1), Duration.ofDays(1)),
        CatalogSettings.Maxima.unbounded());
  }

  private static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
