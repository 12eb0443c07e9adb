package dev.stoker.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted of requests, and of the commands among them. */
class TrafficIT {
  private static final String ECHO = "{\"params\":{\"text\":\"a\"}}";
  private static final String RUNS = "/v1/tools/{tool}/runs";

  @TempDir static Path data;
  private static HttpNode node;

  /** What had been counted before the test: all its numbers are since then. */
  private final Map<Meter.Id, Double> before = new HashMap<>();

  @BeforeAll
  static void open() throws Exception {
    node = new HttpNode(data);
  }

  @BeforeEach
  void remember() {
    node.meters.getMeters().forEach(meter -> before.put(meter.getId(), value(meter)));
  }

  @AfterAll
  static void close() throws Exception {
    node.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET     | /v1/tools              | /v1/tools        | 200
          HEAD    | /v1/tools/echo         | /v1/tools/{tool} | 200
          GET     | /v1/tools/no-such-tool | /v1/tools/{tool} | 404
          GET     | /v1/runs/none          | /v1/runs/{id}    | 400
          GET     | /v1/runs?limit=0       | /v1/runs         | 400
          GET     | /health/ready          | /health/ready    | 200
          GET     | /some/where            | _unknown         | 404
          POST    | /v1/tools              | _unknown         | 405
          """)
  void shouldCountARequestByTheTemplateOfItsPath(
      String method, String path, String route, String status) throws Exception {
    node.send(node.request(path).method(method, BodyPublishers.noBody()));

    Timer answered = answered(method, route, status);
    await().until(() -> since(answered) == 1);
    assertThat(requests()).isEqualTo(1);
    assertThat(answered.totalTime(TimeUnit.NANOSECONDS)).isPositive();
  }

  @Test
  void shouldCountRunsHitsAndRememberedHitsAlike() throws Exception {
    for (int i = 0; i < 4; i++) {
      assertThat(node.run("cached", ECHO).statusCode()).isEqualTo(200);
    }

    await().until(() -> since(answered("POST", RUNS, "200")) == 4);
    assertThat(counted("stoker.demand", "tool", "cached")).isEqualTo(4);
    assertThat(counted("stoker.cache.hits", "tool", "cached", "level", "local")).isEqualTo(3);
    assertThat(counted("stoker.cache.misses", "tool", "cached")).isEqualTo(1);
    assertThat(counted("stoker.runs", "tool", "cached", "state", "succeeded")).isEqualTo(1);
    for (String phase : List.of("queue.wait", "start", "execution", "collection", "reply", "run")) {
      assertThat(since(timer(phase, "cached"))).as(phase).isEqualTo(1);
    }
  }

  @Test
  void shouldTimeTheReplyFromTheRunsEndAndNotFromItsBeginning() throws Exception {
    node.run("sleep", "{\"params\":{\"seconds\":1}}");

    await().until(() -> since(timer("reply", "sleep")) == 1);
    assertThat(timer("reply", "sleep").max(TimeUnit.MILLISECONDS)).isLessThan(1000);
    assertThat(timer("execution", "sleep").max(TimeUnit.MILLISECONDS)).isGreaterThan(990);
    assertThat(timer("run", "sleep").max(TimeUnit.MILLISECONDS)).isGreaterThan(990);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "text/event-stream", "application/json"})
  void shouldTimeTheReplyOfStreamsToo(String accept) throws Exception {
    node.run("echo", ECHO, "Accept", accept);

    await().until(() -> since(answered("POST", RUNS, "200")) == 1);
    assertThat(since(timer("reply", "echo"))).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          echo    | {"params":{}}        | application/json | Prefer: wait=1            | invalid_parameters | 400
          echo    | {"params":           | application/json | Prefer: wait=1            | invalid_request    | 400
          echo    | {}                   | image/png        | Prefer: wait=1            | invalid_request    | 415
          echo    | {}                   | application/json | Stoker-Timeout: never     | invalid_request    | 400
          echo    | {}                   | application/json | Accept: image/png         | invalid_request    | 406
          missing | {}                   | application/json | Prefer: wait=1            | tool_unavailable   | 503
          nothing | {}                   | application/json | Prefer: wait=1            | tool_not_found     | 404
          """)
  void shouldCountARefusedCommandOnceAsDemandAndOnceAsRefused(
      String tool, String body, String type, String field, String code, int status)
      throws Exception {
    HttpRequest.Builder request =
        node.request("/v1/tools/" + tool + "/runs")
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body));
    int colon = field.indexOf(':');
    request.header(field.substring(0, colon), field.substring(colon + 2));

    assertThat(node.send(request).statusCode()).isEqualTo(status);

    String label = tool.equals("nothing") ? "_unknown" : tool;
    await().until(() -> since(answered("POST", RUNS, Integer.toString(status))) == 1);
    assertThat(counted("stoker.demand", "tool", label)).isEqualTo(1);
    assertThat(counted("stoker.refusals", "tool", label, "code", code)).isEqualTo(1);
    assertThat(total("stoker.demand")).isEqualTo(1);
    assertThat(total("stoker.refusals")).isEqualTo(1);
  }

  @Test
  void shouldCountOneWhoLeavesAsGoneAndHisRunAsCancelled() throws Exception {
    try (Socket socket = node.socket()) {
      String body = "{\"params\":{\"seconds\":30}}";
      String head =
          "POST /v1/tools/sleep/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n";
      socket.getOutputStream().write((head + body).getBytes(US_ASCII));
      await().until(() -> node.executor.attempts() == 1);
    }

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> counted("stoker.runs", "tool", "sleep", "state", "cancelled") == 1);
    await().until(() -> since(answered("POST", RUNS, "gone")) == 1);
    assertThat(requests()).isEqualTo(1);
    assertThat(since(timer("reply", "sleep"))).isZero();
    await().until(() -> node.executor.attempts() == 0 && node.executor.slotsUsed() == 0);
  }

  @Test
  void shouldCountWhatIsNoHttp() throws Exception {
    try (Socket socket = node.socket()) {
      socket.getOutputStream().write("nonsense\r\n\r\n".getBytes(US_ASCII));
      await().until(() -> requests() == 1);
    }

    assertThat(answeredAs("_unknown", "400")).isEqualTo(1);
  }

  @Test
  void shouldCountDetachedCommandsWithoutAReply() throws Exception {
    assertThat(node.run("echo", ECHO, "Prefer", "respond-async").statusCode()).isEqualTo(202);

    await().until(() -> counted("stoker.runs", "tool", "echo", "state", "succeeded") == 1);
    await().until(() -> since(answered("POST", RUNS, "202")) == 1);
    assertThat(since(timer("reply", "echo"))).isZero();
  }

  /** How often it has counted since the test began. */
  private double since(Meter meter) {
    return value(meter) - before.getOrDefault(meter.getId(), 0.0);
  }

  private static double value(Meter meter) {
    return switch (meter) {
      case Timer timer -> timer.count();
      case Counter counter -> counter.count();
      default -> 0;
    };
  }

  private double requests() {
    return total("stoker.http.request");
  }

  private double total(String name) {
    return node.meters.find(name).meters().stream().mapToDouble(this::since).sum();
  }

  /** One that never counts while there is none. */
  private static Timer answered(String method, String route, String status) {
    return node.meters.timer(
        "stoker.http.request", "method", method, "route", route, "status", status);
  }

  private double answeredAs(String route, String status) {
    return node
        .meters
        .find("stoker.http.request")
        .tags("route", route, "status", status)
        .timers()
        .stream()
        .mapToDouble(this::since)
        .sum();
  }

  private static Timer timer(String phase, String tool) {
    return node.meters.timer("stoker." + phase, "tool", tool);
  }

  private double counted(String name, String... tags) {
    Counter counter = node.meters.find(name).tags(tags).counter();
    return counter == null ? 0 : since(counter);
  }
}
