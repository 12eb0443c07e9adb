package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.run.TraceContext;
import dev.stoker.trace.Collector;
import dev.stoker.trace.Collector.Told;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spans of two nodes, of which only the second has the tools' programs, as a collector gets them.
 */
@Tag("patient")
class TracesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String STATE = "vendor=a,other@tenant=b";

  @TempDir static Path directory;
  private static Collector collector = Collector.open();
  private static StokerProcess asked;
  private static StokerProcess running;
  private static Http http;
  private static Http second;

  @BeforeAll
  static void start() throws Exception {
    String name = "traces-" + UUID.randomUUID();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String address =
        "127.%d.%d.%d"
            .formatted(random.nextInt(1, 250), random.nextInt(250), random.nextInt(2, 250));
    Path programs = Files.createDirectories(directory.resolve("programs"));
    program(programs, "say-trace", "echo \"$TRACEPARENT $TRACESTATE\"");
    program(programs, "fail-always", "exit 3");
    asked = node("asked", name, address, "/usr/bin, /bin");
    running = node("running", name, address, "/usr/bin, /bin, " + programs);
    http = Http.of(asked);
    second = Http.of(running);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                http.run(
                            "say-trace",
                            "traceparent",
                            "00-" + "1".repeat(32) + "-2222222222222222-00")
                        .status()
                    == 200);
  }

  private static void program(Path directory, String name, String text) throws Exception {
    Path file = directory.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static StokerProcess node(String node, String name, String address, String programs) {
    StokerHome home =
        new StokerHome(directory.resolve(node))
            .config(
                "cluster: {name: %s, bind: %s, members: [%s], port: 5701}"
                    .formatted(name, address, address),
                "node: {name: " + node + "}",
                "catalog: {searchPath: [" + programs + "]}",
                "telemetry: {traces: {endpoint: '" + collector.endpoint() + "', every: 100ms}}")
            .tool("name: say-trace", "isolation: none", "command: [say-trace]", "trace: true")
            .tool(
                "name: say-once",
                "isolation: none",
                "command: [sh, -c, 'echo \"$TRACEPARENT\"']",
                "cache: {ttl: 1h}",
                "trace: true")
            .tool(
                "name: fail-always",
                "isolation: none",
                "command: [fail-always]",
                "retry: {attempts: 2, on: [failed]}")
            .tool(
                "name: wait-for",
                "isolation: none",
                "command: [sh, -c, 'while [ ! -e \"$0\" ]; do sleep 0.05; done', '${params.file}']",
                "parameters: {required: [file], properties: {file: {type: string}}}",
                "cache: {ttl: 1h}");
    return StokerProcess.start(home, List.of("--cluster"));
  }

  @AfterAll
  static void end() {
    http.close();
    second.close();
    asked.close();
    running.close();
    collector.close();
  }

  @Test
  void shouldTellOneTraceOfARunOnAnotherNode() {
    TraceContext caller = caller();

    Http.Answer answer = http.run("say-trace", "traceparent", caller.parent(), "tracestate", STATE);

    List<Told> spans = spans(caller, "attempt", "reply", "POST /v1/tools/{tool}/runs");
    Told server = one(spans, "POST /v1/tools/{tool}/runs");
    Told dispatch = one(spans, "dispatch");
    Told place = one(spans, "place");
    Told attempt = one(spans, "attempt");
    assertThat(server.parent()).isEqualTo(caller.spanId());
    assertThat(dispatch.parent()).isEqualTo(server.id());
    assertThat(one(spans, "queue").parent()).isEqualTo(dispatch.id());
    assertThat(place.parent()).isEqualTo(dispatch.id());
    assertThat(attempt.parent()).isEqualTo(place.id());
    assertThat(one(spans, "start").parent()).isEqualTo(attempt.id());
    assertThat(one(spans, "execution").parent()).isEqualTo(attempt.id());
    assertThat(one(spans, "collection").parent()).isEqualTo(attempt.id());
    assertThat(one(spans, "reply").parent()).isEqualTo(server.id());
    assertThat(spans).hasSize(9);

    assertThat(spans)
        .allSatisfy(
            span -> {
              assertThat(span.attribute("stoker.run.id")).isEqualTo(answer.run().id());
              assertThat(span.attribute("stoker.tool")).isEqualTo("say-trace");
              assertThat(span.attribute("stoker.node"))
                  .isEqualTo(span.ofResource("service.instance.id"));
              assertThat(span.ofResource("service.name")).isEqualTo("stoker");
              assertThat(span.span().getTraceState()).isEqualTo(STATE);
              assertThat(span.span().getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
              assertThat(span.span().getEndTimeUnixNano())
                  .isGreaterThanOrEqualTo(span.span().getStartTimeUnixNano());
            });
    assertThat(spans.stream().filter(on("running")).map(Told::name))
        .containsExactlyInAnyOrder("attempt", "start", "execution", "collection");
    assertThat(server.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
    assertThat(place.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_PRODUCER);
    assertThat(attempt.span().getKind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
    assertThat(server.attribute("http.request.method")).isEqualTo("POST");
    assertThat(server.attribute("http.route")).isEqualTo("/v1/tools/{tool}/runs");
    assertThat(server.attribute("http.response.status_code")).isEqualTo("200");
    assertThat(outcomes(spans))
        .contains(
            "dispatch=succeeded",
            "queue=placed",
            "place=accepted",
            "start=started",
            "execution=succeeded",
            "collection=succeeded",
            "attempt=succeeded");

    assertThat(answer.header("traceresponse"))
        .isEqualTo("00-" + caller.traceId() + "-" + server.id() + "-01");
    assertThat(answer.run().stdout())
        .isEqualTo("00-" + caller.traceId() + "-" + attempt.id() + "-01 " + STATE + "\n");
  }

  @Test
  void shouldTellOfEachAttemptAndWhatWentWrong() {
    TraceContext caller = caller();

    http.run("fail-always", "traceparent", caller.parent());

    List<Told> spans = spans(caller, "POST /v1/tools/{tool}/runs", "reply", "attempt", "attempt");
    Told dispatch = one(spans, "dispatch");
    List<Told> attempts = spans.stream().filter(named("attempt")).toList();
    assertThat(attempts)
        .extracting(attempt -> attempt.attribute("stoker.attempt"))
        .containsExactlyInAnyOrder("1", "2");
    assertThat(spans.stream().filter(named("place")).map(Told::id))
        .containsExactlyInAnyOrderElementsOf(attempts.stream().map(Told::parent).toList());
    assertThat(spans.stream().filter(named("queue"))).hasSize(2);
    assertThat(spans.stream().filter(named("place").or(named("queue"))).map(Told::parent))
        .containsOnly(dispatch.id());
    assertThat(attempts).allSatisfy(TracesIT::assertFailed);
    assertThat(spans.stream().filter(named("execution"))).allSatisfy(TracesIT::assertFailed);
    assertFailed(dispatch);
    // The request succeeded; the tool did not.
    assertThat(one(spans, "POST /v1/tools/{tool}/runs").span().getStatus().getCode())
        .isEqualTo(StatusCode.STATUS_CODE_UNSET);
  }

  private static void assertFailed(Told span) {
    assertThat(span.span().getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
    assertThat(span.span().getStatus().getMessage()).isEqualTo("exit code 3");
    assertThat(span.attribute("error.type")).isEqualTo("failed");
    assertThat(span.attribute("stoker.outcome")).isEqualTo("failed");
  }

  @Test
  void shouldLinkARunToTheOneThatItJoined() throws Exception {
    TraceContext leader = caller();
    TraceContext here = caller();
    TraceContext there = caller();
    TraceContext after = caller();
    Path file = directory.resolve("done-" + UUID.randomUUID());
    JsonObject parameters = new JsonObject().put("file", file.toString());

    var first = ask(http, parameters, leader);
    await().atMost(PATIENCE).until(() -> running("wait-for") == 1);
    var joined = ask(http, parameters, here);
    var joinedElsewhere = ask(second, parameters, there);
    await().atMost(PATIENCE).until(() -> hits("collapsed", http) + hits("collapsed", second) == 2);
    Files.writeString(file, "");
    assertThat(
            List.of(
                first.get().run().cache(),
                joined.get().run().cache(),
                joinedElsewhere.get().run().cache()))
        .containsExactly("miss", "collapsed", "collapsed");
    ask(http, parameters, after).get();

    Told led = one(spans(leader, "dispatch"), "dispatch");
    for (TraceContext follower : List.of(here, there)) {
      List<Told> spans = spans(follower, "dispatch");
      Told dispatch = one(spans, "dispatch");
      assertThat(dispatch.attribute("stoker.cache")).isEqualTo("collapsed");
      assertThat(dispatch.attribute("stoker.outcome")).isEqualTo("succeeded");
      assertThat(dispatch.span().getLinksList())
          .singleElement()
          .satisfies(
              link -> {
                assertThat(link.getTraceId()).isEqualTo(led.span().getTraceId());
                assertThat(link.getSpanId()).isEqualTo(led.span().getSpanId());
              });
      assertThat(spans).noneMatch(named("attempt"));
    }
    assertThat(one(spans(after, "dispatch"), "dispatch").attribute("stoker.cache"))
        .isEqualTo("hit");
  }

  private static CompletableFuture<Http.Answer> ask(
      Http node, JsonObject parameters, TraceContext under) {
    return CompletableFuture.supplyAsync(
        () -> node.run("wait-for", parameters, "traceparent", under.parent()));
  }

  private static long running(String tool) {
    return http.get("/v1/runs?tool=" + tool + "&state=running").json().getJsonArray("runs").size();
  }

  private static int hits(String level, Http node) {
    return node.get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("stoker_cache_hits_total"))
        .filter(line -> line.contains("level=\"" + level + "\"") && line.contains("wait-for"))
        .mapToInt(line -> (int) Double.parseDouble(line.replaceFirst(".*} ([^ ]+).*", "$1")))
        .sum();
  }

  @Test
  void shouldGiveAResultAgainUnderAnotherTrace() {
    TraceContext maker = caller();
    TraceContext other = caller();

    Http.Answer made = http.run("say-once", "traceparent", maker.parent());
    Http.Answer given = http.run("say-once", "traceparent", other.parent());

    assertThat(made.run().cache()).isEqualTo("miss");
    assertThat(given.run().cache()).isEqualTo("hit");
    assertThat(given.run().stdout()).startsWith("00-" + maker.traceId());
  }

  @Test
  void shouldObeyACallerWhoDoesNotWantItsTraceKept() {
    TraceContext unkept = TraceContext.begin();
    TraceContext kept = caller();

    Http.Answer answer = http.run("say-trace", "traceparent", unkept.parent());
    http.run("say-trace", "traceparent", kept.parent());

    spans(kept, "POST /v1/tools/{tool}/runs", "attempt");
    assertThat(collector.trace(unkept.traceId())).isEmpty();
    assertThat(answer.run().stdout()).startsWith("00-" + unkept.traceId()).endsWith("-00 \n");
    assertThat(answer.header("traceresponse")).startsWith("00-" + unkept.traceId());
  }

  @Test
  void shouldBeginATraceWhereTheCallerHasNone() {
    Http.Answer answer = http.run("say-trace");

    TraceContext told = TraceContext.of(answer.header("traceresponse"), null);
    Told server = one(spans(told, "POST /v1/tools/{tool}/runs"), "POST /v1/tools/{tool}/runs");
    assertThat(server.span().getParentSpanId().isEmpty()).isTrue();
    assertThat(server.id()).isEqualTo(told.spanId());
  }

  @Test
  void shouldTellOfARequestThatIsRefused() {
    TraceContext caller = caller();

    Http.Answer answer = http.run("no-such-tool", "traceparent", caller.parent());

    Told server = one(spans(caller, "POST /v1/tools/{tool}/runs"), "POST /v1/tools/{tool}/runs");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("traceresponse")).contains(server.id());
    assertThat(server.attribute("http.response.status_code")).isEqualTo("404");
    assertThat(server.span().getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
  }

  private static TraceContext caller() {
    TraceContext own = TraceContext.begin();
    return TraceContext.of("00-" + own.traceId() + "-" + own.spanId() + "-01", null);
  }

  /** Waits until these have come, and gives all of their trace. */
  private static List<Told> spans(TraceContext trace, String... names) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(collector.trace(trace.traceId()).stream().map(Told::name).toList())
                    .contains(names)
                    .satisfies(
                        all ->
                            assertThat(all.stream().filter("attempt"::equals).count())
                                .isGreaterThanOrEqualTo(
                                    List.of(names).stream().filter("attempt"::equals).count())));
    return collector.trace(trace.traceId());
  }

  private static Told one(List<Told> spans, String name) {
    assertThat(spans.stream().filter(named(name))).as(name).hasSize(1);
    return spans.stream().filter(named(name)).findFirst().orElseThrow();
  }

  private static Predicate<Told> named(String name) {
    return span -> span.name().equals(name);
  }

  private static Predicate<Told> on(String node) {
    return span -> span.ofResource("service.instance.id").startsWith(node);
  }

  private static List<String> outcomes(List<Told> spans) {
    return spans.stream()
        .map(span -> span.name() + "=" + span.attribute("stoker.outcome"))
        .collect(Collectors.toList());
  }
}
