package dev.stoker.gateway;

import dev.stoker.answer.FileAnswer;
import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.header.ByteRange;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.stream.Streams;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;

/** What runs wrote. Confined to its gateway's context. */
final class OutputRoutes {
  private final Runs runs;
  private final Streams streams;
  private final FileAnswer files;

  OutputRoutes(GatewayParts parts, Streams streams, FileAnswer files) {
    this.runs = parts.runs();
    this.streams = streams;
    this.files = files;
  }

  /** {@code GET} and {@code HEAD /v1/runs/{id}/stdout}. */
  Future<Void> stdout(Exchange exchange) {
    return stream(exchange, StdStream.STDOUT);
  }

  /** {@code GET} and {@code HEAD /v1/runs/{id}/stderr}. */
  Future<Void> stderr(Exchange exchange) {
    return stream(exchange, StdStream.STDERR);
  }

  /** {@code GET /v1/runs/{id}/events}. */
  Future<Void> events(Exchange exchange) {
    RunId id = RunId.parse(exchange.path("id"));
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      return runs.find(id)
          .compose(
              run ->
                  exchange
                      .response()
                      .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                      .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                      .end());
    }
    return streams.events(exchange, id);
  }

  /** {@code GET} and {@code HEAD /v1/runs/{id}/outputs/{name}}. */
  Future<Void> file(Exchange exchange) {
    String name = exchange.path("name");
    return runs.find(RunId.parse(exchange.path("id")))
        .compose(
            run -> {
              var file = run.outputs().get(name);
              if (file == null) {
                throw new ServiceException(
                    ErrorCode.OUTPUT_NOT_FOUND,
                    "run "
                        + run.id()
                        + " is "
                        + run.state().label()
                        + " and has no output '"
                        + name
                        + "'; it has: "
                        + (run.outputs().isEmpty()
                            ? "none"
                            : String.join(", ", run.outputs().keySet())));
              }
              return files.send(
                  exchange,
                  new FileAnswer.Named(
                      file.blob(), file.mediaType(), run.node(), Optional.of(name)));
            });
  }

  private Future<Void> stream(Exchange exchange, StdStream stream) {
    RunId id = RunId.parse(exchange.path("id"));
    boolean follow = "true".equals(exchange.query("follow"));
    Optional<ByteRange> range =
        exchange.request().method().equals(HttpMethod.GET)
            ? ByteRange.parse(exchange.header("Range"))
            : Optional.empty();
    if (follow && range.isPresent()) {
      throw new Refusal(
          400,
          "invalid-request",
          "follow=true takes no Range, since its end is not known; the events of the run resume");
    }
    return follow
        ? streams.follow(exchange, id, stream)
        : streams.written(exchange, id, stream, range);
  }
}
