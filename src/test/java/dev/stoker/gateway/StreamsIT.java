package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.ByteSize;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamsIT {
  private static final Duration STALL = Duration.ofSeconds(1);

  @TempDir static Path data;
  private static HttpNode node;

  @BeforeAll
  static void open() throws Exception {
    node = new HttpNode(data, StreamsIT::impatient);
  }

  private static GatewaySettings impatient(GatewaySettings usual) {
    return new GatewaySettings(
        usual.host(),
        usual.port(),
        usual.connections(),
        usual.headerBytes(),
        usual.uriBytes(),
        usual.jsonBody(),
        usual.stdin(),
        usual.blob(),
        usual.idle(),
        STALL,
        usual.waitMax(),
        usual.heartbeat(),
        usual.followers(),
        usual.memo());
  }

  @AfterAll
  static void close() throws Exception {
    node.close();
  }

  record Event(String id, String name, JsonObject data) {}

  record Raw(int status, String body, String state, String exitCode) {}

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void shouldStreamRawOutputAndTellTheOutcomeInTrailers(HttpVersion version) throws Exception {
    Raw ends = raw(version, "printf one; sleep 0.2; printf two; exit 4");
    Raw silent = raw(version, "true");
    Raw fails = raw(version, "exit 5");

    assertThat(ends).isEqualTo(new Raw(200, "onetwo", "failed", "4"));
    assertThat(silent).isEqualTo(new Raw(200, "", "succeeded", "0"));
    assertThat(fails.status()).isEqualTo(422);
    assertThat(new JsonObject(fails.body()).getJsonObject("run").getInteger("exitCode"))
        .isEqualTo(5);
  }

  @Test
  void shouldStreamMoreThanItHoldsToASlowReader() throws Exception {
    long size = ByteSize.parse("256MiB").bytes();
    HttpResponse<InputStream> response =
        node.client.send(
            script("head -c " + size + " /dev/zero", "application/octet-stream"),
            HttpResponse.BodyHandlers.ofInputStream());

    AtomicLong read = new AtomicLong();
    try (InputStream in = response.body()) {
      byte[] chunk = new byte[1 << 20];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        read.addAndGet(n);
      }
    }
    assertThat(read).hasValue(size);
  }

  @Test
  void shouldTellARunsLifeAndOutput() throws Exception {
    List<Event> events =
        events(
            script("printf 'a\\303\\244'; sleep 0.2; printf b; printf e >&2", "text/event-stream"));

    assertThat(text(events, "stdout")).isEqualTo("aäb");
    assertThat(text(events, "stderr")).isEqualTo("e");
    List<Event> states = events.stream().filter(e -> e.name().equals("state")).toList();
    assertThat(states.getLast().data().getString("state")).isEqualTo("succeeded");
    assertThat(states).extracting(e -> e.data().getString("state")).contains("running");
    assertThat(events.getLast().name()).isEqualTo("end");
  }

  @Test
  void shouldGoOnExactlyAfterTheLastEventThatWasSeen() throws Exception {
    HttpResponse<String> run =
        node.run(
            "shell",
            "{\"params\":{\"script\":\"for i in 1 2 3 4 5 6; do printf line$i; sleep 0.1; done\"}}",
            "Prefer",
            "respond-async");
    String path = run.headers().firstValue("Location").orElseThrow() + "/events";
    List<Event> all = events(node.request(path).build());

    for (Event last : all) {
      List<Event> rest = events(node.request(path).header("Last-Event-ID", last.id()).build());
      String seen = text(all.subList(0, all.indexOf(last) + 1), "stdout");
      assertThat(seen + text(rest, "stdout")).isEqualTo("line1line2line3line4line5line6");
      assertThat(rest.getLast().name()).isEqualTo("end");
    }
  }

  @Test
  void shouldTakeBackEveryIdItGaveToALateReader() throws Exception {
    HttpResponse<String> run = node.run("shell", body("printf late; printf err >&2"));
    String path = "/v1/runs/" + HttpNode.json(run).getString("id") + "/events";

    List<Event> all = events(node.request(path).header("Last-Event-ID", "").build());

    assertThat(text(all, "stdout")).isEqualTo("late");
    for (Event last : all) {
      List<Event> rest = events(node.request(path).header("Last-Event-ID", last.id()).build());
      String seen = text(all.subList(0, all.indexOf(last) + 1), "stdout");
      assertThat(seen + text(rest, "stdout")).isEqualTo("late");
    }
  }

  @Test
  void shouldTellTheEventsOfAHit() throws Exception {
    String body = "{\"params\":{\"text\":\"events\"}}";
    node.run("cached", body);

    List<Event> events =
        events(
            node.request("/v1/tools/cached/runs")
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());

    assertThat(text(events, "stdout")).isEqualTo("events");
    assertThat(events.getLast().data().getString("state")).isEqualTo("succeeded");
  }

  @Test
  void shouldFollowOutputFromItsBeginningToItsEnd() throws Exception {
    HttpResponse<String> run =
        node.run(
            "shell",
            "{\"params\":{\"script\":\"printf early; sleep 0.5; printf late; exit 1\"}}",
            "Prefer",
            "respond-async");
    String path = run.headers().firstValue("Location").orElseThrow() + "/stdout";

    HttpResponse<String> followed = node.get(path + "?follow=true");
    HttpResponse<String> part = node.send(node.request(path).header("Range", "bytes=5-"));

    assertThat(followed.body()).isEqualTo("earlylate");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("late");
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 5-8/9");
  }

  @Test
  void shouldCutOffAReaderWhoTakesNothing() throws Exception {
    try (Socket socket = node.socket()) {
      post(socket, "yes", "Accept: application/octet-stream");
      Awaitility.await().until(() -> node.executor.slotsUsed() > 0);

      Awaitility.await().atMost(STALL.multipliedBy(10)).until(() -> node.executor.slotsUsed() == 0);
    }
  }

  @Test
  void shouldNotTakeASilentRunForASlowReader() throws Exception {
    Raw raw = raw(HttpVersion.HTTP_1_1, "printf a; sleep 3; printf b");

    assertThat(raw.body()).isEqualTo("ab");
  }

  @Test
  void shouldCutOffASenderWhoSendsNothing() throws Exception {
    try (Socket socket = node.socket()) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/tools/count/runs HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                      + "Content-Length: 100\r\n\r\nfew")
                  .getBytes(StandardCharsets.US_ASCII));

      assertThat(RawAnswer.read(socket).status()).isEqualTo(408);
    }
  }

  private static HttpRequest script(String script, String accept) {
    return node.request("/v1/tools/shell/runs")
        .header("Content-Type", "application/json")
        .header("Accept", accept)
        .POST(HttpRequest.BodyPublishers.ofString(body(script)))
        .build();
  }

  private static String body(String script) {
    return new JsonObject().put("params", new JsonObject().put("script", script)).encode();
  }

  private static void post(Socket socket, String script, String header) throws Exception {
    String body = body(script);
    socket
        .getOutputStream()
        .write(
            ("POST /v1/tools/shell/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + header
                    + "\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.US_ASCII));
  }

  /** With Vert.x's client: Java's own does not give trailers. */
  private static Raw raw(HttpVersion version, String script) throws Exception {
    var client =
        node.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(version)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultPort(node.port));
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setURI("/v1/tools/shell/runs")
            .putHeader("Content-Type", "application/json")
            .putHeader("Accept", "application/octet-stream");
    var answer =
        client
            .request(options)
            .compose(request -> request.send(Buffer.buffer(body(script))))
            .compose(
                response ->
                    response
                        .body()
                        .map(
                            body ->
                                new Raw(
                                    response.statusCode(),
                                    body.toString(),
                                    trailer(response, "Stoker-Run-State"),
                                    trailer(response, "Stoker-Exit-Code"))));
    Raw raw = HttpNode.result(answer);
    HttpNode.result(client.close());
    return raw;
  }

  private static String trailer(HttpClientResponse response, String name) {
    return String.valueOf(response.trailers().get(name));
  }

  private static List<Event> events(HttpRequest request) throws Exception {
    HttpResponse<String> response = node.client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    List<Event> events = new ArrayList<>();
    for (String block : response.body().split("\n\n", -1)) {
      if (block.startsWith("id: ")) {
        String[] lines = block.split("\n", 3);
        events.add(
            new Event(
                lines[0].substring("id: ".length()),
                lines[1].substring("event: ".length()),
                new JsonObject(lines[2].substring("data: ".length()))));
      }
    }
    return events;
  }

  private static String text(List<Event> events, String stream) {
    StringBuilder text = new StringBuilder();
    long offset = -1;
    for (Event event : events) {
      if (event.name().equals(stream)) {
        assertThat(event.data().getLong("offset")).isGreaterThan(offset);
        offset = event.data().getLong("offset");
        text.append(event.data().getString("text"));
      }
    }
    return text.toString();
  }
}
