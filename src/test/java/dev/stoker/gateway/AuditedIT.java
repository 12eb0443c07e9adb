package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.audit.AuditFixture;
import dev.stoker.bridge.EventBridge;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the audit log says of each operation, allowed and refused, over HTTP and the bus. */
class AuditedIT extends AuditedFixture {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";

  /** A request and what is to be said of it. */
  record Row(
      String method,
      String path,
      String body,
      String action,
      String code,
      String about,
      String named) {
    @Override
    public String toString() {
      return method + " " + path + " " + body + ": " + action + " " + code;
    }
  }

  static Stream<Row> overHttp() {
    String run = "/v1/tools/echo/runs";
    return Stream.of(
        new Row("POST", run, "{\"params\":{\"text\":\"a\"}}", "run.submit", "", "tool", "echo"),
        new Row(
            "POST",
            run,
            "{\"params\":{\"text\":1}}",
            "run.submit",
            "invalid_parameters",
            "tool",
            "echo"),
        new Row("POST", run, "{", "run.submit", "invalid_request", "tool", "echo"),
        new Row("POST", run + "?wait=1", "{", "run.submit", "invalid_request", "tool", "echo"),
        new Row(
            "POST",
            "/v1/tools/nothing/runs",
            "{}",
            "run.submit",
            "tool_not_found",
            "tool",
            "nothing"),
        new Row(
            "POST",
            "/v1/tools/missing/runs",
            "{}",
            "run.submit",
            "tool_unavailable",
            "tool",
            "missing"),
        new Row("DELETE", "/v1/runs/" + NO_RUN, "", "run.cancel", "run_not_found", "run", NO_RUN),
        new Row(
            "DELETE", "/v1/runs/nonsense", "", "run.cancel", "invalid_request", "run", "nonsense"),
        new Row("POST", "/v1/tools//runs", "{}", "run.submit", "not_found", "tool", ""),
        new Row("DELETE", "/v1/cache?all=1", "", "cache.purge", "invalid_request", "tool", ""),
        new Row("DELETE", "/v1/cache", "", "cache.purge", "", "tool", ""),
        new Row("DELETE", "/v1/cache?tool=cached", "", "cache.purge", "", "tool", "cached"),
        new Row(
            "DELETE",
            "/v1/cache?tool=nothing",
            "",
            "cache.purge",
            "tool_not_found",
            "tool",
            "nothing"),
        new Row("POST", "/v1/nodes/test/drain", "", "node.drain", "", "node", "test"),
        new Row(
            "POST",
            "/v1/nodes/nobody/drain",
            "",
            "node.drain",
            "node_not_found",
            "node",
            "nobody"));
  }

  @ParameterizedTest
  @MethodSource("overHttp")
  void shouldTellOfEachOperationOnce(Row row) throws Exception {
    HttpResponse<String> answer =
        node.send(
            node.request(row.path)
                .header("Content-Type", "application/json")
                .header("traceparent", PARENT)
                .header("X-Forwarded-For", "198.51.100.9, 203.0.113.7")
                .method(row.method, HttpRequest.BodyPublishers.ofString(row.body)));

    if (row.code.isEmpty()) {
      assertThat(answer.statusCode()).isBetween(200, 202);
    } else {
      assertThat(answer.statusCode()).isBetween(400, 503).isNotEqualTo(500);
      assertThat(answer.body()).contains(':' + row.code.replace('_', '-') + '"');
    }
    assertThat(AuditFixture.entries(settings.file()))
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.getString("action")).isEqualTo(row.action);
              assertThat(entry.getBoolean("allowed")).isEqualTo(row.code.isEmpty());
              assertThat(entry.getString("code", "")).isEqualTo(row.code);
              assertThat(entry.getString(row.about, "")).isEqualTo(row.named);
              assertThat(entry.getString("principal")).isEqualTo("anonymous");
              assertThat(entry.getString("channel")).isEqualTo("http");
              assertThat(entry.getString("remote")).isEqualTo("127.0.0.1");
              assertThat(entry.getString("forwarded")).isEqualTo("203.0.113.7");
              assertThat(entry.getString("trace")).isEqualTo(TRACE);
              assertThat(entry.getString("by")).isEqualTo("test");
            });
  }

  @Test
  void shouldTellOfACancelAndOfTheRunThatItEnded() throws Exception {
    HttpResponse<String> accepted =
        node.run("sleep", "{\"params\":{\"seconds\":50}}", "Prefer", "respond-async");
    String run = HttpNode.json(accepted).getString("id");

    node.send(node.request("/v1/runs/" + run).DELETE());

    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries)
        .extracting(entry -> entry.getString("action"))
        .containsExactly("run.submit", "run.cancel");
    assertThat(entries).extracting(entry -> entry.getString("run")).containsOnly(run);
    assertThat(entries).extracting(entry -> entry.getBoolean("allowed")).containsOnly(true);
  }

  @Test
  void shouldTellThatTheQueueWasFull() throws Exception {
    // Four run, and the queue of all tools has 20.
    for (int i = 0; i < 24; i++) {
      node.run("sleep", "{\"params\":{\"seconds\":50}}", "Prefer", "respond-async");
    }

    HttpResponse<String> refused =
        node.run("sleep", "{\"params\":{\"seconds\":50}}", "Prefer", "respond-async");

    assertThat(refused.statusCode()).isEqualTo(503);
    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries).hasSize(25);
    assertThat(entries.subList(0, 24)).allMatch(entry -> entry.getBoolean("allowed"));
    assertThat(entries.getLast().getString("code")).isEqualTo("capacity_exceeded");
  }

  @Test
  void shouldTellOfCommandsOverTheBus() throws Exception {
    DeliveryOptions traced = new DeliveryOptions().addHeader("traceparent", PARENT);
    JsonObject good =
        new JsonObject().put("tool", "echo").put("params", new JsonObject().put("text", "a"));
    JsonObject bad =
        new JsonObject().put("tool", "echo").put("params", new JsonObject().put("text", 1));
    JsonObject unknown = new JsonObject().put("tool", "nothing");
    JsonObject missing = new JsonObject().put("tool", "missing");
    for (Object body : List.of(good, bad, unknown, missing, "nonsense")) {
      node.vertx
          .eventBus()
          .request(EventBridge.COMMANDS, body, traced)
          .transform(done -> io.vertx.core.Future.succeededFuture())
          .await();
    }

    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries)
        .extracting(entry -> entry.getString("tool") + " " + entry.getString("code"))
        .containsExactly(
            "echo null",
            "echo invalid_parameters",
            "nothing tool_not_found",
            "missing tool_unavailable",
            "null invalid_request");
    assertThat(entries).extracting(entry -> entry.getString("channel")).containsOnly("bus");
    assertThat(entries).extracting(entry -> entry.getString("trace")).containsOnly(TRACE);
    assertThat(entries.getFirst().getString("run")).isNotNull();
  }

  @Test
  void shouldTellOfRunsAndNotOfHits() throws Exception {
    for (int i = 0; i < 3; i++) {
      node.run("cached", "{\"params\":{\"text\":\"a\"}}");
    }

    assertThat(AuditFixture.entries(settings.file())).hasSize(1);
  }

  @Test
  void shouldTellOfHitsWhereThatIsAskedFor() throws Exception {
    close();
    open(
        AuditFixture.strict(
            AuditFixture.settings(Files.createDirectory(directory.resolve("hits"))), true, true));
    String run = HttpNode.json(node.run("cached", "{\"params\":{\"text\":\"a\"}}")).getString("id");
    for (int i = 0; i < 3; i++) {
      node.run("cached", "{\"params\":{\"text\":\"a\"}}");
    }

    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries).hasSize(4);
    assertThat(entries.subList(1, 4))
        .allMatch(entry -> "from the cache".equals(entry.getString("detail")))
        .allMatch(entry -> run.equals(entry.getString("run")));
  }

  @Test
  void shouldTellOfARunThatIsNotStartedTwice() throws Exception {
    String body = "{\"params\":{\"text\":\"a\"}}";
    String run = HttpNode.json(node.run("echo", body, "Idempotency-Key", "k")).getString("id");
    node.run("echo", body, "Idempotency-Key", "k");

    List<JsonObject> entries = AuditFixture.entries(settings.file());
    assertThat(entries).extracting(entry -> entry.getString("run")).containsExactly(run, run);
    assertThat(entries.get(1).getString("detail")).isEqualTo("the run that its key has");
  }
}
