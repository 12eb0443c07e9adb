package dev.stoker.exchange;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Answers what is not HTTP, or more of it than is read. */
public final class InvalidRequest {
  private InvalidRequest() {}

  /** Answers and closes the connection; for {@code invalidRequestHandler}. */
  public static void answer(HttpServerRequest request) {
    Refusal refusal =
        switch (request.decoderResult().cause()) {
          case TooLongHttpLineException e ->
              new Refusal(414, "uri-too-long", "the request line is too long");
          case TooLongHttpHeaderException e ->
              new Refusal(431, "header-too-large", "the header fields are too large");
          case null, default -> new Refusal(400, "invalid-request", "this is not an HTTP request");
        };
    ProblemDetails.Problem problem = ProblemDetails.of(refusal);
    Buffer body = problem.body().toBuffer().appendString("\n");
    request
        .response()
        .setStatusCode(problem.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, ProblemDetails.MEDIA_TYPE)
        .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
        .end(body)
        .onComplete(sent -> request.connection().close());
  }
}
