package dev.stoker.stream;

import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.header.ByteRange;
import dev.stoker.output.OutputReader;
import dev.stoker.stream.OutputPump.Until;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/** Answers with what is there of a stream: all, or a range. Confined to the exchange's context. */
final class OutputSlice {
  private OutputSlice() {}

  /** Answers and closes the reader. Fails with a 416. */
  static Future<Void> answer(Exchange exchange, OutputReader reader, Optional<ByteRange> range) {
    long size = reader.size();
    HttpServerResponse response = exchange.response();
    ByteRange.Slice slice = new ByteRange.Slice(0, size);
    if (range.isPresent()) {
      Optional<ByteRange.Slice> part = range.get().in(size);
      if (part.isEmpty()) {
        reader.close();
        return Future.failedFuture(Refusal.unsatisfiable(size));
      }
      slice = part.get();
      String of = slice.of(size);
      response
          .setStatusCode(206)
          .putHeader(
              HttpHeaders.CONTENT_RANGE,
              reader.ended() ? of : of.substring(0, of.lastIndexOf('/')) + "/*");
    }
    head(response);
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
  static void head(HttpServerResponse response) {
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
        .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
  }
}
