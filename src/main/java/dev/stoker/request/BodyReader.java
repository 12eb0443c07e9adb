package dev.stoker.request;

import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.exchange.Stalls;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooLongFormFieldException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.TooManyFormFieldsException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.function.Consumer;

/** Reads a request's body as it comes. Confined to the exchange's context; used once. */
final class BodyReader {
  private final Exchange exchange;
  private final HttpServerRequest request;
  private final Promise<Void> read = Promise.promise();
  private boolean paused;

  /**
   * Makes one.
   *
   * @throws Refusal 415 when the body is compressed
   */
  BodyReader(Exchange exchange) {
    String coding = exchange.header("Content-Encoding");
    if (coding != null && !coding.equalsIgnoreCase("identity")) {
      throw new Refusal(
              415,
              "unsupported-media-type",
              "the body is encoded, as Content-Encoding says; allowed: identity")
          .header("Accept-Encoding", "identity");
    }
    this.exchange = exchange;
    this.request = exchange.request();
  }

  /**
   * Gives each chunk to {@code sink} and completes at the end. Fails with a 408 when the caller
   * stops sending, with INVALID_REQUEST when it goes away or the body's form is broken, or with
   * what {@link #fail} is given.
   */
  Future<Void> read(Consumer<Buffer> sink) {
    Buffer whole = exchange.body();
    if (whole != null) {
      sink.accept(whole);
      read.tryComplete();
      return read.future();
    }
    Stalls.Watch watch = exchange.stalls().watch(() -> !paused, () -> fail(stalled()));
    request.handler(
        chunk -> {
          watch.progress();
          if (!read.future().isComplete()) {
            sink.accept(chunk);
          }
        });
    request.exceptionHandler(
        e -> {
          fail(broken(e));
          exchange.flush();
        });
    request.endHandler(end -> read.tryComplete());
    if (exchange.expectsContinue()) {
      exchange.response().writeContinue();
    }
    return read.future().onComplete(done -> watch.close());
  }

  /** All of a body of at most {@code max} bytes. */
  Future<Buffer> all(long max) {
    if (declaredLength() > max) {
      return Future.failedFuture(tooLarge("body", max));
    }
    Buffer all = Buffer.buffer();
    return read(chunk -> {
          if (all.length() + chunk.length() > max) {
            fail(tooLarge("body", max));
          } else {
            all.appendBuffer(chunk);
          }
        })
        .map(all);
  }

  /** Gives up; the first failure counts. */
  void fail(Throwable failure) {
    read.tryFail(failure);
  }

  /**
   * Takes no more until {@link #resume}; the caller is not to blame for the wait. Nothing happens
   * once the reading is over: what is left is discarded then, and must not be held up by a full
   * queue that nobody empties.
   */
  void pause() {
    if (!read.future().isComplete()) {
      paused = true;
      request.pause();
    }
  }

  void resume() {
    paused = false;
    request.resume();
  }

  /** What the header says of the body's length; -1 when it says nothing. */
  long declaredLength() {
    String length = request.getHeader("Content-Length");
    return length == null ? -1 : Long.parseLong(length);
  }

  static ServiceException tooLarge(String field, long max) {
    return ServiceException.invalid(
        ErrorCode.PAYLOAD_TOO_LARGE,
        field + " is too large",
        List.of(new Violation(field, "at most " + max + " bytes are allowed")));
  }

  private static Refusal stalled() {
    return new Refusal(408, "stalled", "the body did not come").header("Connection", "close");
  }

  private static ServiceException broken(Throwable e) {
    Violation violation =
        switch (e) {
          case TooManyFormFieldsException tooMany -> new Violation("body", "has too many fields");
          case TooLongFormFieldException tooLong ->
              new Violation("body", "has a part with too long a header");
          default -> new Violation("body", "is not what its Content-Type says, or was cut off");
        };
    boolean tooLarge = String.valueOf(e.getMessage()).contains("Size exceed");
    return tooLarge
        ? ServiceException.invalid(
            ErrorCode.PAYLOAD_TOO_LARGE,
            "a field is too large",
            List.of(
                new Violation("body", "has a field that is too large; a file part may be larger")))
        : ServiceException.invalid(
            ErrorCode.INVALID_REQUEST, "the body cannot be read", List.of(violation));
  }
}
