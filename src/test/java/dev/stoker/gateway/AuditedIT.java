package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.audit.Audit;
import dev.stoker.audit.AuditFixture;
import dev.stoker.audit.AuditSettings;
import dev.stoker.audit.Disk;
import dev.stoker.bridge.EventBridge;
import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.dispatch.Runs;
import dev.stoker.gateway.HttpNode.Layout;
import dev.stoker.header.TrustedProxies;
import dev.stoker.peer.Peers;
import dev.stoker.request.CommandReader;
import dev.stoker.request.Tools;
import dev.stoker.run.ByteSize;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.telemetry.Metrics;
import dev.stoker.trace.Tracing;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the audit log says of each operation, allowed and refused, over HTTP and the bus. */
class AuditedIT {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";
  private static final String NO_RUN = "0198e0a2-0000-7000-8000-000000000000";

  @TempDir private Path directory;
  private AuditSettings settings;
  private Audit audit;
  private HttpNode node;

  @BeforeEach
  void open() throws Exception {
    // Answers come after their entries, so that nothing need be waited for.
    open(AuditFixture.strict(AuditFixture.settings(directory), false, true));
  }

  private void open(AuditSettings with) throws Exception {
    settings = with;
    audit = Audit.open(settings, "test");
    node =
        new HttpNode(
            directory.resolve("data"),
            AuditedIT::behindAProxy,
            Layout.TOGETHER,
            Policy.REFUSE,
            audit);
    HttpNode.result(node.vertx.deployVerticle(bridge()));
  }

  private static GatewaySettings behindAProxy(GatewaySettings like) {
    return new GatewaySettings(
        like.host(),
        like.port(),
        like.connections(),
        like.headerBytes(),
        like.uriBytes(),
        like.jsonBody(),
        like.stdin(),
        like.blob(),
        like.idle(),
        like.stall(),
        like.waitMax(),
        like.heartbeat(),
        like.followers(),
        like.memo(),
        new GatewaySettings.Edge(null, TrustedProxies.parse(List.of("127.0.0.0/8"))));
  }

  private EventBridge bridge() {
    return new EventBridge(
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
            Tracing.off(),
            audit),
        Duration.ofSeconds(60));
  }

  @AfterEach
  void close() throws Exception {
    node.close();
    audit.close();
  }

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

  @Test
  void shouldRefuseWhatItCannotTellOfAndGoOnWhenItCan() throws Exception {
    close();
    Disk disk = Disk.mount(directory.resolve("disk"));
    try {
      open(AuditFixture.strict(AuditFixture.settings(disk.path()), false, true));
      Path filler = disk.fill();
      String body = "{\"params\":{\"text\":\"a\"}}";
      HttpResponse<String> answer = node.run("echo", body);
      for (int i = 0; i < 50 && answer.statusCode() == 200; i++) {
        answer = node.run("echo", body);
      }

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(HttpNode.json(answer).getString("type"))
          .isEqualTo("urn:stoker:problem:audit-unavailable");
      for (String[] each :
          new String[][] {
            {"DELETE", "/v1/runs/" + NO_RUN},
            {"DELETE", "/v1/cache"},
            {"POST", "/v1/nodes/test/drain"}
          }) {
        assertThat(
                node.send(
                        node.request(each[1]).method(each[0], HttpRequest.BodyPublishers.noBody()))
                    .statusCode())
            .isEqualTo(503);
      }
      assertThat(node.drained).isEmpty();
      // Whoever only looks is not refused.
      assertThat(node.get("/v1/tools").statusCode()).isEqualTo(200);

      Files.delete(filler);
      org.awaitility.Awaitility.await().until(() -> node.run("echo", body).statusCode() == 200);
    } finally {
      node.close();
      audit.close();
      disk.unmount();
      settings = AuditFixture.settings(directory);
      open(settings);
    }
  }

  @Test
  void shouldGiveResultsOfTheCacheAndStartNothingThatItCannotTellOf() throws Exception {
    close();
    Disk disk = Disk.mount(directory.resolve("disk"));
    try {
      open(AuditFixture.strict(AuditFixture.settings(disk.path()), false, true));
      node.run("cached", "{\"params\":{\"text\":\"a\"}}");
      disk.fill();
      org.awaitility.Awaitility.await()
          .until(() -> node.run("echo", "{\"params\":{\"text\":\"a\"}}").statusCode() == 503);

      // By the bus: the gateway's own memory of hits does not know it.
      assertThat(onBus("a", new DeliveryOptions())).isEqualTo("succeeded");
      assertThat(onBus("other", new DeliveryOptions())).isEqualTo("AUDIT_UNAVAILABLE");
      for (String[] field :
          new String[][] {
            {"Prefer", "respond-async"},
            {"Idempotency-Key", "\"k\""},
            {"Cache-Control", "no-cache"},
            {"Cache-Control", "no-store"}
          }) {
        assertThat(onBus("a", new DeliveryOptions().addHeader(field[0], field[1])))
            .as("%s: %s", field[0], field[1])
            .isEqualTo("AUDIT_UNAVAILABLE");
      }
    } finally {
      node.close();
      audit.close();
      disk.unmount();
      settings = AuditFixture.settings(directory);
      open(settings);
    }
  }

  /** What becomes of a command: its run's state, or why there is none. */
  private String onBus(String text, DeliveryOptions options) {
    return node.vertx
        .eventBus()
        .<JsonObject>request(
            EventBridge.COMMANDS,
            new JsonObject()
                .put("tool", "cached")
                .put("params", new JsonObject().put("text", text)),
            options)
        .map(reply -> reply.body().getString("state"))
        .otherwise(
            e ->
                e instanceof ReplyException refused
                    ? ErrorCode.byNumber(refused.failureCode()).name()
                    : e.toString())
        .await();
  }

  @Test
  void shouldAnswerWhoWaitsForADiskThatHangs() throws Exception {
    close();
    Disk disk = Disk.freezable(directory.resolve("disk"));
    try {
      open(AuditFixture.strict(AuditFixture.settings(disk.path()), false, true));
      String body = "{\"params\":{\"text\":\"a\"}}";
      node.run("echo", body);
      disk.freeze();

      // It was done when it became known that it cannot be told of.
      assertThat(node.run("echo", body).statusCode()).isEqualTo(200);
      org.awaitility.Awaitility.await().until(() -> node.run("echo", body).statusCode() == 503);

      disk.thaw();
      org.awaitility.Awaitility.await().until(() -> node.run("echo", body).statusCode() == 200);
    } finally {
      disk.thaw();
      node.close();
      audit.close();
      disk.unmount();
      settings = AuditFixture.settings(directory);
      open(settings);
    }
  }
}
