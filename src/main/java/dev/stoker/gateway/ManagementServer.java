package dev.stoker.gateway;

import dev.stoker.contract.Contract;
import dev.stoker.exchange.Connections;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.InvalidRequest;
import dev.stoker.exchange.Refusal;
import dev.stoker.exchange.Stalls;
import dev.stoker.header.TrustedProxies;
import dev.stoker.tool.Catalog;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Health, metrics and the document on a port of their own. A verticle, to be deployed on a Vert.x
 * of its own with one event loop, so that no load can starve it. Confined to its context.
 */
public final class ManagementServer extends VerticleBase {
  private static final int CONNECTIONS_MAX = 64;
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final String host;
  private final int wantedPort;
  private final Map<String, Route> routes;
  private @Nullable HttpServer server;
  private @Nullable Stalls stalls;
  private @Nullable Connections connections;

  /**
   * Makes one.
   *
   * @param port 0 for any that is free
   */
  public ManagementServer(
      String host, int port, Probes probes, Contract contract, Catalog catalog) {
    this.host = host;
    this.wantedPort = port;
    SystemRoutes system = new SystemRoutes(probes, contract, catalog);
    this.routes =
        Map.of(
            "/health/live", system::live,
            "/health/ready", system::ready,
            "/metrics", system::metrics,
            "/openapi.json", system::openapi);
  }

  @Override
  public Future<?> start() {
    Stalls watching = new Stalls(vertx, IDLE);
    Connections open = new Connections(vertx, CONNECTIONS_MAX, IDLE, () -> {});
    stalls = watching;
    connections = open;
    HttpServer http =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(host)
                    .setPort(wantedPort)
                    .setIdleTimeout((int) IDLE.toSeconds()))
            .connectionHandler(open::opened)
            .requestHandler(request -> handle(request, watching, open))
            .invalidRequestHandler(InvalidRequest::answer);
    server = http;
    return http.listen();
  }

  /** The port it listens on. Thread-safe once it is deployed. */
  public int port() {
    HttpServer listening = server;
    if (listening == null) {
      throw new IllegalStateException("the management server has not been started");
    }
    return listening.actualPort();
  }

  private void handle(HttpServerRequest request, Stalls watching, Connections open) {
    Exchange exchange = new Exchange(request, watching, TrustedProxies.NONE, null);
    exchange.open(open.began(request.connection()));
    Route route = routes.get(request.path());
    HttpMethod method = request.method();
    try {
      if (route == null) {
        throw new Refusal(404, "not-found", "there is nothing here");
      }
      if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
        throw new Refusal(405, "method-not-allowed", "allowed: GET").header("Allow", "GET, HEAD");
      }
      route.handle(exchange).onFailure(exchange::fail);
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  @Override
  public Future<?> stop() {
    if (stalls != null) {
      stalls.close();
    }
    if (connections != null) {
      connections.close();
    }
    HttpServer listening = server;
    return listening == null ? Future.succeededFuture() : listening.shutdown(1, TimeUnit.SECONDS);
  }
}
