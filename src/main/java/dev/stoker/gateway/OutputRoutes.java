package dev.stoker.gateway;

import dev.stoker.dispatch.Runs;
import dev.stoker.gateway.OutputPump.Until;
import dev.stoker.header.ByteRange;
import dev.stoker.output.OutputReader;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
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
    return streams.events(exchange, RunId.parse(exchange.path("id")));
  }

  /** {@code GET} and {@code HEAD /v1/runs/{id}/outputs/{name}}. */
  Future<Void> file(Exchange exchange) {
    String name = exchange.path("name");
    return runs.find(RunId.parse(exchange.path("id")))
        .map(
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
              files.send(exchange, file.blob(), file.mediaType(), Optional.of(name));
              return null;
            });
  }

  private Future<Void> stream(Exchange exchange, StdStream stream) {
    RunId id = RunId.parse(exchange.path("id"));
    boolean follow = "true".equals(exchange.query("follow"));
    Optional<ByteRange> range = ByteRange.parse(exchange.header("Range"));
    if (follow && range.isPresent()) {
      throw new Refusal(
          400,
          "invalid-request",
          "follow=true takes no Range, since its end is not known; the events of the run resume");
    }
    if (follow) {
      return streams.follow(exchange, id, stream);
    }
    return streams.reader(id, stream).compose(reader -> slice(exchange, reader, range));
  }

  private static Future<Void> slice(
      Exchange exchange, OutputReader reader, Optional<ByteRange> range) {
    long size = reader.size();
    HttpServerResponse response = exchange.response();
    ByteRange.Slice slice = new ByteRange.Slice(0, size);
    if (range.isPresent()) {
      Optional<ByteRange.Slice> part = range.get().in(size);
      if (part.isEmpty()) {
        reader.close();
        return Future.failedFuture(FileAnswer.unsatisfiable(size));
      }
      slice = part.get();
      String of = slice.of(size);
      response
          .setStatusCode(206)
          .putHeader(
              HttpHeaders.CONTENT_RANGE,
              reader.ended() ? of : of.substring(0, of.lastIndexOf('/')) + "/*");
    }
    head(response, exchange);
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(slice.length()));
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      reader.close();
      response.end();
      return Future.succeededFuture();
    }
    return new OutputPump(
            exchange, reader, slice.offset(), slice.offset() + slice.length(), Until.NOW)
        .pour()
        .compose(poured -> response.end());
  }

  /** The fields that every answer with a stream's bytes has. */
  static void head(HttpServerResponse response, Exchange exchange) {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
        .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
  }

  /** Lets an answer's length be told by its end. */
  static void chunked(Exchange exchange) {
    if (exchange.request().version() != HttpVersion.HTTP_2) {
      exchange.response().setChunked(true);
    }
  }
}
