package dev.stoker.gateway;

import dev.stoker.answer.FileAnswer;
import dev.stoker.exchange.Connections;
import dev.stoker.exchange.InvalidRequest;
import dev.stoker.exchange.Stalls;
import dev.stoker.request.BlobBody;
import dev.stoker.request.Tools;
import dev.stoker.stream.Streams;
import dev.stoker.telemetry.Metrics.About;
import dev.stoker.tls.Certificates;
import dev.stoker.tls.TlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stoker over HTTP/1.1 and HTTP/2, in clear or over TLS. A verticle; deploy one instance for each
 * event loop that is to serve: they share the port. Confined to its context.
 */
public final class Gateway extends VerticleBase {
  private final GatewaySettings settings;
  private final GatewayParts parts;
  private final Function<TlsMaterial, Future<?>> renewal = this::renew;
  private volatile @Nullable HttpServer server;
  private volatile @Nullable Connections connections;
  private @Nullable Stalls stalls;

  public Gateway(GatewaySettings settings, GatewayParts parts) {
    this.settings = settings;
    this.parts = parts;
  }

  @Override
  public Future<?> start() {
    Stalls watching = new Stalls(vertx, settings.stall());
    Runnable refused =
        parts
            .metrics()
            .counter(
                new About("http.connections.refused", "Connections closed unanswered: too many"));
    Connections open = new Connections(vertx, settings.connections(), settings.idle(), refused);
    stalls = watching;
    connections = open;
    Traffic traffic = new Traffic(parts.catalog(), parts.metrics(), parts.tracing());
    HitMemo memo = new HitMemo(parts, settings.memo(), traffic);
    Entry entry =
        new Entry(
            parts.contract(),
            memo,
            traffic,
            new Entry.Edge(settings.edge().proxies(), new Audited(parts.audit())),
            watching,
            open,
            parts.nodes().draining(),
            parts.tracing());
    Router router = parts.contract().router(vertx, entry.handlers(routes(memo, traffic)));
    entry.serve(router);
    Certificates proof = parts.certificates();
    HttpServer http =
        vertx
            .createHttpServer(ServerOptions.of(settings, proof == null ? null : proof.current()))
            .connectionHandler(open::opened)
            .requestHandler(entry)
            .invalidRequestHandler(
                request -> {
                  InvalidRequest.answer(request);
                  traffic.unreadable(request);
                });
    server = http;
    if (proof != null) {
      proof.onChange(renewal);
    }
    return http.listen();
  }

  /** Connections that there are go on as they are. */
  private Future<?> renew(TlsMaterial material) {
    HttpServer listening = server;
    return listening == null
        ? Future.succeededFuture()
        : listening.updateSSLOptions(ServerOptions.of(material));
  }

  /** The port it listens on. Thread-safe once it is deployed. */
  public int port() {
    HttpServer listening = server;
    if (listening == null) {
      throw new IllegalStateException("the gateway has not been started");
    }
    return listening.actualPort();
  }

  /** Connections that have begun a request and are open. Thread-safe. */
  public int connections() {
    Connections open = connections;
    return open == null ? 0 : open.open();
  }

  private Map<String, Route> routes(HitMemo memo, Traffic traffic) {
    FileAnswer files = new FileAnswer(parts.blobs(), parts.peers(), settings.stall());
    Tools found = new Tools(parts.catalog(), parts.nodes().members());
    ToolRoutes tools = new ToolRoutes(found, parts.cache(), parts.audit());
    Streams streams =
        new Streams(
            new Streams.Sources(vertx, parts.runs(), parts.outputs(), parts.peers(), parts.cache()),
            new Streams.Bounds(settings.heartbeat(), settings.followers()));
    RunRoutes runs = new RunRoutes(parts, settings, found, files, streams, memo, traffic);
    OutputRoutes outputs = new OutputRoutes(parts, streams, files);
    BlobRoutes blobs =
        new BlobRoutes(parts.blobs(), new BlobBody(parts.blobs(), settings.blob()), files);
    Map<String, Route> routes = new HashMap<>();
    routes.putAll(new SystemRoutes(parts.probes(), parts.contract(), parts.catalog()).routes());
    NodeRoutes nodes = new NodeRoutes(parts.nodes(), parts.audit());
    routes.put("listNodes", nodes::list);
    routes.put("getNode", nodes::get);
    routes.put("drainNode", nodes::drain);
    routes.put("createRun", runs::create);
    routes.put("listRuns", runs::list);
    routes.put("getRun", runs::get);
    routes.put("cancelRun", runs::cancel);
    routes.put("getStdout", outputs::stdout);
    routes.put("headStdout", outputs::stdout);
    routes.put("getStderr", outputs::stderr);
    routes.put("headStderr", outputs::stderr);
    routes.put("getEvents", outputs::events);
    routes.put("getOutput", outputs::file);
    routes.put("headOutput", outputs::file);
    routes.put("createBlob", blobs::create);
    routes.put("putBlob", blobs::put);
    routes.put("getBlob", blobs::get);
    routes.put("headBlob", blobs::get);
    routes.put("listTools", tools::list);
    routes.put("getTool", tools::get);
    routes.put("purgeCache", tools::purge);
    return routes;
  }

  /** Takes no more connections, and lets requests in flight end for as long as undeploying may. */
  @Override
  public Future<?> stop() {
    Certificates proof = parts.certificates();
    if (proof != null) {
      proof.forget(renewal);
    }
    HttpServer listening = server;
    Future<?> closed =
        listening == null
            ? Future.succeededFuture()
            : listening.shutdown(settings.stall().toMillis(), TimeUnit.MILLISECONDS);
    return closed.onComplete(
        done -> {
          if (stalls != null) {
            stalls.close();
          }
          Connections open = connections;
          if (open != null) {
            open.close();
          }
        });
  }
}
