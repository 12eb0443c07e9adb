package dev.stoker.request;

import dev.stoker.blob.BlobStore;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.header.Utf8;
import dev.stoker.request.CommandReader.Limits;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Stdin;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.StdinMode;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a request for a run in each of its forms. Confined to the exchange's context. */
final class RunRequestReader {
  private static final String FORMS =
      "application/json, multipart/form-data, application/x-www-form-urlencoded";
  private static final Stdin EMPTY = new Stdin.Inline(new byte[0]);

  private final BlobStore blobs;
  private final Limits limits;

  RunRequestReader(BlobStore blobs, Limits limits) {
    this.blobs = blobs;
    this.limits = limits;
  }

  Future<RunRequest> read(Exchange exchange, Tool tool) {
    return switch (mediaType(exchange.header("Content-Type"))) {
      case "application/json" -> {
        refuseQuery(exchange);
        yield new BodyReader(exchange)
            .all(limits.json().bytes())
            .map(body -> new JsonBody(Json.object(body)).read());
      }
      case "multipart/form-data" -> {
        refuseQuery(exchange);
        yield new MultipartBody(exchange, tool, blobs, limits).read();
      }
      case "application/x-www-form-urlencoded" -> form(exchange, tool);
      case "" -> untyped(exchange, tool);
      default -> stdin(exchange, tool);
    };
  }

  /** The type and subtype of a Content-Type, in lower case; empty without one. */
  static String mediaType(@Nullable String contentType) {
    if (contentType == null) {
      return "";
    }
    int parameters = contentType.indexOf(';');
    return (parameters < 0 ? contentType : contentType.substring(0, parameters))
        .trim()
        .toLowerCase(Locale.ROOT);
  }

  private Future<RunRequest> form(Exchange exchange, Tool tool) {
    refuseQuery(exchange);
    return new BodyReader(exchange)
        .all(limits.json().bytes())
        .map(
            body ->
                new RunRequest(
                    fields(
                        tool, Utf8.decode(body.getBytes()).orElseThrow(RunRequestReader::notUtf8)),
                    Map.of(),
                    new Stdin.None()));
  }

  /** Without a Content-Type a body is standard input, and none is none. */
  private Future<RunRequest> untyped(Exchange exchange, Tool tool) {
    JsonObject parameters = query(exchange, tool);
    boolean takesStdin = tool.definition().stdin() != StdinMode.NONE;
    ByteSize max = takesStdin ? limits.stdin() : new ByteSize(Stdin.INLINE_BYTES_MAX);
    return new StdinBody(blobs, max, new BodyReader(exchange))
        .read()
        .map(
            stdin -> {
              boolean empty = stdin.equals(EMPTY);
              if (!takesStdin && !empty) {
                throw unsupported();
              }
              return new RunRequest(parameters, Map.of(), empty ? new Stdin.None() : stdin);
            });
  }

  private Future<RunRequest> stdin(Exchange exchange, Tool tool) {
    if (tool.definition().stdin() == StdinMode.NONE) {
      throw unsupported();
    }
    JsonObject parameters = query(exchange, tool);
    return new StdinBody(blobs, limits.stdin(), new BodyReader(exchange))
        .read()
        .map(stdin -> new RunRequest(parameters, Map.of(), stdin));
  }

  private static Refusal unsupported() {
    return new Refusal(
            415,
            "unsupported-media-type",
            "the tool reads no standard input, which a body of this Content-Type would be; allowed: "
                + FORMS)
        .header("Accept-Post", FORMS);
  }

  private static JsonObject query(Exchange exchange, Tool tool) {
    String query = exchange.request().query();
    return query == null ? new JsonObject() : fields(tool, query);
  }

  private static JsonObject fields(Tool tool, String encoded) {
    if (!Utf8.isPercentEncoded(encoded)) {
      throw notUtf8();
    }
    try {
      Map<String, List<String>> fields =
          new QueryStringDecoder(encoded, StandardCharsets.UTF_8, false).parameters();
      return tool.coerce(fields);
    } catch (IllegalArgumentException e) {
      throw notUtf8();
    }
  }

  private static Refusal notUtf8() {
    return new Refusal(400, "invalid-request", "the parameters are not percent-encoded UTF-8");
  }

  private static void refuseQuery(Exchange exchange) {
    String query = exchange.request().query();
    if (query != null && !query.isEmpty()) {
      throw new Refusal(
          400,
          "invalid-request",
          "parameters are in the body or in the query, not in both; allowed here: no query");
    }
  }
}
