package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.audit.Audit;
import dev.stoker.bridge.EventBridge;
import dev.stoker.dispatch.Runs;
import dev.stoker.peer.Peers;
import dev.stoker.request.CommandReader;
import dev.stoker.request.Tools;
import dev.stoker.run.ByteSize;
import dev.stoker.run.NodeId;
import dev.stoker.run.TraceContext;
import dev.stoker.telemetry.Metrics;
import dev.stoker.trace.Collector;
import dev.stoker.trace.Tracing;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Commands over the event bus, beside the same over HTTP. */
class BridgeIT {
  @TempDir static Path data;
  private static HttpNode node;
  private static Collector collector;
  private static Tracing tracing;
  private static EventBridge bridge;

  @BeforeAll
  static void open() throws Exception {
    node = new HttpNode(data);
    collector = Collector.open();
    tracing = Tracing.open(collector.settings(), "test", "1");
    bridge =
        new EventBridge(
            new EventBridge.Parts(
                node.contract,
                new Tools(node.catalog, node.members),
                new CommandReader(
                    node.blobs,
                    Peers.alone(node.blobs),
                    node.check,
                    new CommandReader.Limits(ByteSize.parse("4MiB"), ByteSize.parse("1MiB"))),
                new Runs(node.vertx.eventBus(), new NodeId("test", 1)),
                new Metrics(node.meters),
                tracing,
                Audit.none()),
            Duration.ofSeconds(60));
    HttpNode.result(node.vertx.deployVerticle(bridge));
  }

  @AfterAll
  static void close() throws Exception {
    tracing.close();
    collector.close();
    node.close();
  }

  @Test
  void shouldWorkUnderTheTraceOfTheMessage() throws Exception {
    TraceContext caller = TraceContext.begin();
    String kept = "00-" + caller.traceId() + "-" + caller.spanId() + "-01";

    JsonObject run = ask(echo("hello"), Map.of("traceparent", kept, "tracestate", "a=1"));

    Awaitility.await().until(() -> collector.trace(caller.traceId()).size() == 1);
    Collector.Told span = collector.trace(caller.traceId()).getFirst();
    assertThat(span.name()).isEqualTo("process stoker.commands");
    assertThat(span.parent()).isEqualTo(caller.spanId());
    assertThat(span.span().getTraceState()).isEqualTo("a=1");
    assertThat(span.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
    assertThat(span.attribute("stoker.run.id")).isEqualTo(run.getString("id"));
    assertThat(span.attribute("stoker.tool")).isEqualTo("echo");
    assertThat(span.attribute("stoker.outcome")).isEqualTo("succeeded");
  }

  @Test
  void shouldReplyWithTheRun() throws Exception {
    JsonObject text = ask(echo("hello"), Map.of());
    JsonObject stdin =
        ask(
            new JsonObject()
                .put("tool", "count")
                .put("stdin", new JsonObject().put("base64", "AAEC")),
            Map.of());

    assertThat(text.getString("state")).isEqualTo("succeeded");
    assertThat(text.getJsonObject("stdout").getString("text")).isEqualTo("hello");
    assertThat(text.fieldNames())
        .isEqualTo(HttpNode.json(node.run("echo", "{\"params\":{\"text\":\"x\"}}")).fieldNames());
    assertThat(stdin.getJsonObject("stdout").getString("text")).contains("3");
  }

  @Test
  void shouldTakeTheHeaderFieldsOfHttp() throws Exception {
    JsonObject sleep =
        new JsonObject().put("tool", "sleep").put("params", new JsonObject().put("seconds", 30));

    JsonObject accepted = ask(sleep, Map.of("Prefer", "respond-async", "Idempotency-Key", "bus-1"));
    JsonObject again = ask(sleep, Map.of("prefer", "wait=1", "idempotency-key", "bus-1"));
    JsonObject late = ask(sleep, Map.of("Stoker-Timeout", "200ms"));

    assertThat(accepted.getString("state")).isIn("queued", "running");
    assertThat(again.getString("id")).isEqualTo(accepted.getString("id"));
    assertThat(again.getString("state")).isEqualTo("running");
    assertThat(late.getString("state")).isEqualTo("timed_out");
    node.send(node.request("/v1/runs/" + accepted.getString("id")).DELETE());
  }

  record Wrong(String name, String tool, String body, Map<String, String> headers) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Wrong> wrong() {
    String fine = "{\"params\":{\"text\":\"x\"}}";
    return Stream.of(
        new Wrong("no such tool", "none", fine, Map.of()),
        new Wrong("a tool that cannot run", "missing", "{}", Map.of()),
        new Wrong("a script that is refused", "script", "{\"stdin\":\"if\\n\"}", Map.of()),
        new Wrong("a parameter that is missing", "echo", "{}", Map.of()),
        new Wrong("two mistakes", "echo", "{\"params\":{\"text\":1,\"times\":99}}", Map.of()),
        new Wrong("a key that is not known", "echo", "{\"param\":{}}", Map.of()),
        new Wrong("parameters that are no object", "echo", "{\"params\":[]}", Map.of()),
        new Wrong("an input that is no digest", "copy", "{\"inputs\":{\"file\":\"x\"}}", Map.of()),
        new Wrong(
            "a blob that nobody has",
            "copy",
            "{\"inputs\":{\"file\":\"sha256:" + "0".repeat(64) + "\"}}",
            Map.of()),
        new Wrong("stdin that is not read", "echo", "{\"stdin\":\"x\"}", Map.of()),
        new Wrong("stdin that is missing", "count", "{}", Map.of()),
        new Wrong("a timeout of no form", "echo", fine, Map.of("Stoker-Timeout", "soon")),
        new Wrong("a timeout past the tool's", "echo", fine, Map.of("Stoker-Timeout", "9h")),
        new Wrong("a key with a space", "echo", fine, Map.of("Idempotency-Key", "a b")),
        new Wrong("a wait of no number", "echo", fine, Map.of("Prefer", "wait=long")));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void shouldRefuseWhatHttpRefusesWithTheSameWordsAndCode(Wrong wrong) throws Exception {
    String[] headers =
        wrong.headers().entrySet().stream()
            .flatMap(header -> Stream.of(header.getKey(), header.getValue()))
            .toArray(String[]::new);
    HttpResponse<String> http = node.run(wrong.tool(), wrong.body(), headers);

    ReplyException refusal =
        refusal(new JsonObject(wrong.body()).put("tool", wrong.tool()), wrong.headers());

    JsonObject problem = HttpNode.json(http);
    assertThat(http.statusCode()).isGreaterThanOrEqualTo(400);
    assertThat(refusal.failureType()).isEqualTo(ReplyFailure.RECIPIENT_FAILURE);
    assertThat(refusal.failureCode()).isEqualTo(problem.getInteger("code"));
    assertThat(refusal.getMessage()).isEqualTo(words(problem));
  }

  private static String words(JsonObject problem) {
    JsonArray errors = problem.getJsonArray("errors", new JsonArray());
    String fields =
        errors.stream()
            .map(JsonObject.class::cast)
            .map(error -> error.getString("field") + " " + error.getString("message"))
            .collect(Collectors.joining("; "));
    return problem.getString("detail") + (fields.isEmpty() ? "" : ": " + fields);
  }

  @Test
  void shouldRefuseWhatIsNoCommand() throws Exception {
    assertThat(refusal("text", Map.of()).getMessage()).contains("body is not a JSON object");
    assertThat(refusal(new JsonObject(), Map.of()).getMessage()).contains("tool is missing");
    assertThat(refusal(new JsonObject().put("tool", 7), Map.of()).failureCode()).isEqualTo(1);
    ReplyException large =
        refusal(new JsonObject().put("tool", "echo").put("x", "a".repeat(5 << 20)), Map.of());
    assertThat(large.failureCode()).isEqualTo(9);
    ReplyException half = refusal(echo("\ud800"), Map.of());
    assertThat(half.failureCode()).isIn(1, 2);
  }

  @Test
  void shouldNotRunACommandThatEveryNodeGets() throws Exception {
    double before = node.runs();

    node.vertx.eventBus().publish(EventBridge.COMMANDS, echo("published"));
    ask(echo("sent"), Map.of());

    Awaitility.await().untilAsserted(() -> assertThat(node.runs() - before).isEqualTo(1));
  }

  private static JsonObject echo(String text) {
    return new JsonObject().put("tool", "echo").put("params", new JsonObject().put("text", text));
  }

  private static JsonObject ask(Object body, Map<String, String> headers) throws Exception {
    return HttpNode.result(request(body, headers).map(Message::body));
  }

  private static ReplyException refusal(Object body, Map<String, String> headers) throws Exception {
    Future<Object> failure =
        request(body, headers)
            .<Object>map(reply -> List.of("replied", reply.body()))
            .otherwise(e -> e);
    return (ReplyException) HttpNode.result(failure);
  }

  private static Future<Message<JsonObject>> request(Object body, Map<String, String> headers) {
    DeliveryOptions options = new DeliveryOptions();
    headers.forEach(options::addHeader);
    return node.vertx.eventBus().request(EventBridge.COMMANDS, body, options);
  }
}
