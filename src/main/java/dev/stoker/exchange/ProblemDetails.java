package dev.stoker.exchange;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.handler.HttpException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures as problem details (RFC 9457): the only place that gives a failure a status. */
final class ProblemDetails {
  static final String MEDIA_TYPE = "application/problem+json";
  private static final String TYPE = "urn:stoker:problem:";
  private static final Logger LOG = LoggerFactory.getLogger(ProblemDetails.class);

  private ProblemDetails() {}

  /** An answer. */
  record Problem(int status, Map<String, String> headers, JsonObject body) {}

  /** The answer that a failure gets; one that is nobody's fault but ours is logged. */
  static Problem of(Throwable failure) {
    return switch (failure) {
      case ServiceException e -> of(e);
      case Refusal e -> {
        Refusal.Answer answer = e.answer();
        JsonObject body =
            body(
                answer.name(),
                answer.status(),
                e.getMessage(),
                ErrorCode.INVALID_REQUEST.number(),
                List.of());
        if (answer.run() != null) {
          body.put("run", answer.run());
        }
        yield new Problem(answer.status(), answer.headers(), body);
      }
      case HttpException e when e.getStatusCode() < 500 ->
          of(
              new Refusal(
                  e.getStatusCode(), "invalid-request", "the request cannot be read as it is"));
      default -> internal(failure);
    };
  }

  private static Problem of(ServiceException e) {
    if (e.code() == ErrorCode.INTERNAL) {
      return internal(e);
    }
    Map<String, String> headers = new LinkedHashMap<>();
    Duration retryAfter = e.retryAfter();
    if (retryAfter != null) {
      long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
      headers.put("Retry-After", Long.toString(seconds));
    }
    int status = status(e);
    String name = e.code().name().toLowerCase(Locale.ROOT).replace('_', '-');
    return new Problem(
        status, headers, body(name, status, e.getMessage(), e.code().number(), e.violations()));
  }

  private static Problem internal(Throwable failure) {
    String instance = "urn:uuid:" + UUID.randomUUID();
    LOG.error("a request failed by our own fault, told as {}", instance, failure);
    int status = 500;
    JsonObject body =
        body("internal", status, "an internal error", ErrorCode.INTERNAL.number(), List.of());
    return new Problem(status, Map.of(), body.put("instance", instance));
  }

  private static int status(ServiceException e) {
    return switch (e.code()) {
      case INVALID_REQUEST, INVALID_PARAMETERS -> 400;
      case TOOL_NOT_FOUND, RUN_NOT_FOUND, OUTPUT_NOT_FOUND, NODE_NOT_FOUND -> 404;
      // In a path it is what was asked for; in a body it is a wrong value.
      case BLOB_NOT_FOUND -> e.violations().isEmpty() ? 404 : 400;
      case IDEMPOTENCY_CONFLICT, FENCED -> 409;
      case PAYLOAD_TOO_LARGE -> 413;
      case DIGEST_MISMATCH, SCRIPT_REFUSED -> 422;
      case QUOTA_EXCEEDED -> 429;
      // Not the caller's fault and not for ever, but nobody knows when: no Retry-After.
      case TOOL_UNAVAILABLE,
          CAPACITY_EXCEEDED,
          LEDGER_UNAVAILABLE,
          SHUTTING_DOWN,
          AUDIT_UNAVAILABLE ->
          503;
      case STORAGE_FULL -> 507;
      case INTERNAL -> 500;
    };
  }

  private static JsonObject body(
      String name, int status, @Nullable String detail, int code, List<Violation> violations) {
    JsonObject body =
        new JsonObject()
            .put("type", TYPE + name)
            .put("title", HttpResponseStatus.valueOf(status).reasonPhrase())
            .put("status", status)
            .put("detail", detail)
            .put("code", code);
    if (!violations.isEmpty()) {
      JsonArray errors = new JsonArray();
      violations.forEach(
          violation ->
              errors.add(
                  new JsonObject()
                      .put("field", violation.field())
                      .put("message", violation.message())));
      body.put("errors", errors);
    }
    return body;
  }
}
