package dev.stoker.gateway;

import dev.stoker.contract.Contract;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.Accept;
import dev.stoker.telemetry.Exposition;
import dev.stoker.tool.Catalog;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** What a node tells about itself. Thread-safe. */
final class SystemRoutes {
  private final Probes probes;
  private final Contract contract;
  private final Catalog catalog;

  SystemRoutes(Probes probes, Contract contract, Catalog catalog) {
    this.probes = probes;
    this.contract = contract;
    this.catalog = catalog;
  }

  /** The routes by operation. */
  Map<String, Route> routes() {
    return Map.of(
        "healthLive", this::live,
        "healthReady", this::ready,
        "metrics", this::metrics,
        "openapi", this::openapi);
  }

  /** {@code GET /health/live}: this loop answers. */
  Future<Void> live(Exchange exchange) {
    return health(exchange, List.of());
  }

  /** {@code GET /health/ready}. */
  Future<Void> ready(Exchange exchange) {
    return health(exchange, probes.readiness().get());
  }

  private static Future<Void> health(Exchange exchange, List<Probes.Check> checks) {
    boolean up = checks.stream().allMatch(check -> check.problem().isEmpty());
    JsonArray told = new JsonArray();
    for (Probes.Check check : checks) {
      JsonObject one =
          new JsonObject()
              .put("name", check.name())
              .put("status", check.problem().isEmpty() ? "up" : "down");
      check.problem().ifPresent(problem -> one.put("problem", problem));
      told.add(one);
    }
    exchange.json(
        up ? 200 : 503, new JsonObject().put("status", up ? "up" : "down").put("checks", told));
    return Future.succeededFuture();
  }

  /** {@code GET /metrics}: as Prometheus' text for whoever does not like OpenMetrics better. */
  Future<Void> metrics(Exchange exchange) {
    Accept accept = Accept.parse(exchange.header("Accept"));
    Exposition form =
        accept.weight(Exposition.OPEN_METRICS.contentType())
                > accept.weight(Exposition.PROMETHEUS.contentType())
            ? Exposition.OPEN_METRICS
            : Exposition.PROMETHEUS;
    exchange.response().putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    exchange.json(200, Buffer.buffer(probes.metrics().apply(form)), form.contentType());
    return Future.succeededFuture();
  }

  /** {@code GET /openapi.json}. */
  Future<Void> openapi(Exchange exchange) {
    exchange.json(200, contract.served(catalog), "application/json");
    return Future.succeededFuture();
  }
}
