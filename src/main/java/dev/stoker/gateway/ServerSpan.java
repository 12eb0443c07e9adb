package dev.stoker.gateway;

import dev.stoker.exchange.Exchange;
import dev.stoker.run.Command;
import dev.stoker.run.TraceContext;
import dev.stoker.trace.Span;
import dev.stoker.trace.SpanNames;
import dev.stoker.trace.Tracing;
import dev.stoker.trace.Tracing.Kind;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;

/**
 * Requests as spans, by OpenTelemetry's semantic conventions for HTTP servers. The query is left
 * out: a caller's parameters may be in it. Stateless.
 */
final class ServerSpan {
  private static final String OTHER = "_OTHER";
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE");

  private ServerSpan() {}

  /** A request has come. */
  static Span begin(Tracing tracing, HttpServerRequest request) {
    String method = method(request);
    Span span =
        tracing.accept(
            Kind.SERVER,
            named(method),
            joined(request, "traceparent"),
            joined(request, "tracestate"));
    if (span.isRecorded()) {
      span.set(SpanNames.METHOD, method)
          .set(SpanNames.PATH, request.path())
          .set(SpanNames.SCHEME, request.scheme())
          .set(SpanNames.PROTOCOL_VERSION, request.version() == HttpVersion.HTTP_2 ? "2" : "1.1");
      if (request.authority() != null) {
        span.set(SpanNames.SERVER, request.authority().host());
      }
    }
    return span;
  }

  /** It is answered, or its caller has gone. */
  static void end(Span span, Exchange exchange) {
    String route = exchange.route();
    if (route != null) {
      span.name(named(method(exchange.request())) + " " + route).set(SpanNames.ROUTE, route);
    }
    int status = exchange.response().getStatusCode();
    if (exchange.broken()) {
      span.fail("broken", "the answer was broken off");
    } else if (exchange.gone()) {
      // As the conventions want it: who answers cannot help that nobody listens.
      span.set(SpanNames.ERROR_TYPE, "gone");
    } else if (status >= 500) {
      span.set(SpanNames.STATUS, status).fail(Integer.toString(status), null);
    } else {
      span.set(SpanNames.STATUS, status);
    }
    span.end();
  }

  /** It asks for a run. */
  static void about(Span span, Command command) {
    if (span.isRecorded()) {
      span.set(SpanNames.RUN_ID, command.id().toString()).set(SpanNames.TOOL, command.tool());
    }
  }

  /** From the end of its run to that of its answer, which is now. */
  static void replied(Tracing tracing, TraceContext under, Command command, long sinceNanos) {
    Span reply =
        tracing.begin(Kind.INTERNAL, SpanNames.REPLY, under, System.nanoTime() - sinceNanos);
    about(reply, command);
    reply.set(SpanNames.OUTCOME, "sent").end();
  }

  private static String named(String method) {
    return method.equals(OTHER) ? "HTTP" : method;
  }

  /** Callers may make methods up. */
  private static String method(HttpServerRequest request) {
    String method = request.method().name();
    return METHODS.contains(method) ? method : OTHER;
  }

  private static String joined(HttpServerRequest request, String name) {
    return String.join(",", request.headers().getAll(name));
  }
}
