package dev.stoker.gateway;

import dev.stoker.contract.Contract;
import dev.stoker.exchange.Connections;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.exchange.Stalls;
import dev.stoker.header.TrustedProxies;
import dev.stoker.header.Utf8;
import dev.stoker.trace.Span;
import dev.stoker.trace.Tracing;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where every request comes in. Confined to its gateway's context. */
final class Entry implements Handler<HttpServerRequest> {
  private static final String COMMAND = "createRun";
  private static final String TOOL = "tool";

  private final Contract contract;
  private final HitMemo memo;
  private final Traffic traffic;
  private final Edge edge;
  private final Stalls stalls;
  private final Connections connections;
  private final BooleanSupplier draining;
  private final Tracing tracing;
  private @Nullable Router router;

  /** The exchange whose handlers are being called: they are all called before this one returns. */
  private @Nullable Exchange current;

  /**
   * What is done about who is at the other end.
   *
   * @param audited is told what is refused here
   */
  record Edge(TrustedProxies proxies, Audited audited) {}

  Entry(
      Contract contract,
      HitMemo memo,
      Traffic traffic,
      Edge edge,
      Stalls stalls,
      Connections connections,
      BooleanSupplier draining,
      Tracing tracing) {
    this.tracing = tracing;
    this.memo = memo;
    this.traffic = traffic;
    this.edge = edge;
    this.contract = contract;
    this.stalls = stalls;
    this.connections = connections;
    this.draining = draining;
  }

  /** The routes as handlers for {@link Contract#router}. */
  Map<String, Handler<RoutingContext>> handlers(Map<String, Route> routes) {
    Map<String, Handler<RoutingContext>> handlers = new HashMap<>();
    routes.forEach((operation, route) -> handlers.put(operation, routing -> call(route, routing)));
    return handlers;
  }

  /** Sets where requests go; before the first. */
  void serve(Router to) {
    // Not its error handlers, which have to have answered when they return.
    to.route().handler(this::miss).failureHandler(this::fail);
    router = to;
  }

  /**
   * When a request came.
   *
   * @param span null where nothing is recorded at all
   */
  private record Arrival(long nanos, @Nullable Span span) {
    boolean isRecorded() {
      return span != null && span.isRecorded();
    }
  }

  @Override
  public void handle(HttpServerRequest request) {
    Arrival arrival =
        new Arrival(System.nanoTime(), tracing.isOn() ? ServerSpan.begin(tracing, request) : null);
    if (!hasOneHost(request)) {
      refuse(request, arrival, "a request has one Host, as in Host: example.org:8080");
      return;
    }
    if (!Utf8.isPercentEncoded(request.uri())) {
      refuse(request, arrival, "the path or query is not percent-encoded UTF-8");
      return;
    }
    // One that is recorded goes the long way, so that its spans say what there is on it.
    if (arrival.isRecorded() || !memo.considers(request)) {
      handle(request, arrival, null);
      return;
    }
    request
        .body()
        .onSuccess(
            body -> {
              HitMemo.Key key = HitMemo.key(request, body);
              boolean leaving = draining.getAsBoolean();
              if (leaving) {
                connections.sayGoodbye(request);
              }
              if (memo.answer(request, arrival.nanos(), key)) {
                AccessLog.answered(request);
                connections.served(request.connection());
                if (leaving) {
                  connections.close(request);
                }
              } else {
                handle(request, arrival, body);
              }
            });
  }

  /**
   * The router cannot do without, and a request with two may mean one to a proxy and another here.
   */
  private static boolean hasOneHost(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_1_0
        && !request.headers().contains(HttpHeaders.HOST)) {
      return true;
    }
    return request.headers().getAll(HttpHeaders.HOST).size() <= 1 && request.authority() != null;
  }

  private void refuse(HttpServerRequest request, Arrival arrival, String why) {
    refuse(open(request, arrival, null), new Refusal(400, "invalid-request", why));
  }

  /** Before its route had it. */
  private void refuse(Exchange exchange, Throwable why) {
    edge.audited().refuseEarly(exchange, why);
  }

  private void handle(HttpServerRequest request, Arrival arrival, @Nullable Buffer body) {
    Router to = router;
    if (to == null) {
      throw new IllegalStateException("there is no router");
    }
    Exchange exchange = open(request, arrival, body);
    current = exchange;
    to.handle(request);
    current = null;
  }

  private Exchange open(HttpServerRequest request, Arrival arrival, @Nullable Buffer body) {
    Exchange exchange = new Exchange(request, stalls, edge.proxies(), body);
    Span span = arrival.span() == null ? exchange.span() : arrival.span();
    exchange.span(span);
    if (span.isRecorded()) {
      exchange.onOver(() -> ServerSpan.end(span, exchange));
    }
    traffic.begin(exchange, arrival.nanos());
    AccessLog.watch(exchange);
    Runnable over = connections.began(request.connection());
    if (draining.getAsBoolean()) {
      connections.sayGoodbye(request);
      exchange.open(
          () -> {
            over.run();
            connections.close(request);
          });
    } else {
      exchange.open(over);
    }
    return exchange;
  }

  private Exchange current() {
    Exchange exchange = current;
    if (exchange == null) {
      throw new IllegalStateException("a handler was called late");
    }
    return exchange;
  }

  private void call(Route route, RoutingContext routing) {
    Exchange exchange = current();
    exchange.path(routing.pathParams());
    Contract.Asked asked = Contract.Asked.of(routing);
    exchange.route(asked == null ? null : asked.path());
    try {
      route.handle(exchange).onFailure(exchange::fail);
    } catch (RuntimeException e) {
      exchange.fail(e);
    }
  }

  private void fail(RoutingContext routing) {
    Exchange exchange = current();
    count(exchange, routing);
    Throwable failure = routing.failure();
    refuse(
        exchange,
        failure == null
            ? new Refusal(400, "invalid-request", "the router does not take the request")
            : failure);
  }

  /** There is no such route. */
  private void miss(RoutingContext routing) {
    String allow = contract.allowedMethods(routing.request().path());
    // The document's paths take an empty parameter, the router's do not.
    boolean known = List.of(allow.split(", ")).contains(routing.request().method().name());
    refuse(
        current(),
        allow.isEmpty() || known
            ? new Refusal(404, "not-found", "there is nothing here; see /openapi.json for what is")
            : new Refusal(
                    405, "method-not-allowed", "the method is not allowed here; allowed: " + allow)
                .header("Allow", allow));
  }

  /** A command whose header fields or path are wrong gets no further than to here. */
  private void count(Exchange exchange, RoutingContext routing) {
    Contract.Asked asked = Contract.Asked.of(routing);
    if (asked == null || exchange.route() != null) {
      return;
    }
    exchange.route(asked.path());
    String tool = routing.pathParam(TOOL);
    Throwable why = routing.failure();
    if (asked.id().equals(COMMAND) && tool != null && why != null) {
      traffic.asked(tool);
      traffic.refused(tool, exchange, why);
    }
  }
}
