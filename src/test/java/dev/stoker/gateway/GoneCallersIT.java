package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Callers who take no more of an answer, or go away in the middle of it. */
class GoneCallersIT {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir private Path data;
  private HttpNode node;

  @BeforeEach
  void open() throws Exception {
    node = new HttpNode(data, GoneCallersIT::impatient);
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
        Duration.ofMillis(500),
        usual.waitMax(),
        usual.heartbeat(),
        1,
        usual.memo());
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP_1_1, text/event-stream",
    "HTTP_1_1, application/octet-stream",
    "HTTP_2,   text/event-stream",
    "HTTP_2,   application/octet-stream",
  })
  void shouldCancelTheRunOfACallerWhoTakesNoMore(HttpVersion version, String accept)
      throws Exception {
    // More than the buffers of both sockets hold.
    String script = "head -c 15000000 /dev/zero | tr '\\0' x; sleep 25";
    Vertx vertx = Vertx.vertx();
    try {
      HttpClient client =
          vertx.createHttpClient(
              new HttpClientOptions()
                  .setProtocolVersion(version)
                  .setHttp2ClearTextUpgrade(false)
                  .setDefaultPort(node.port));
      HttpNode.result(
          client
              .request(HttpMethod.POST, "/v1/tools/shell/runs")
              .map(
                  request ->
                      request
                          .putHeader("Content-Type", "application/json")
                          .putHeader("Accept", accept))
              .compose(request -> send(request, script)));

      await().atMost(LONG).until(() -> state().equals("cancelled"));
      await().atMost(LONG).until(() -> answers("broken") == 1);
      // There is room for one who follows output at a time.
      assertThat(node.get("/v1/runs/" + run().getString("id") + "/stdout?follow=true").statusCode())
          .isEqualTo(200);
    } finally {
      HttpNode.result(vertx.close());
    }
  }

  private static Future<HttpClientResponse> send(HttpClientRequest request, String script) {
    JsonObject body = new JsonObject().put("params", new JsonObject().put("script", script));
    return request.send(body.encode()).onSuccess(HttpClientResponse::pause);
  }

  private JsonObject run() throws Exception {
    return new JsonObject(node.get("/v1/runs?tool=shell").body())
        .getJsonArray("runs")
        .getJsonObject(0);
  }

  private String state() throws Exception {
    return run().getString("state");
  }

  private long answers(String status) {
    Collection<Timer> timers =
        node.meters.find("stoker.http.request").tag("status", status).timers();
    return timers.stream().mapToLong(Timer::count).sum();
  }

  @Test
  void shouldKnowWhenACallerLeavesInTheMiddleOfAFile() throws Exception {
    String file = file(64 << 20);
    try (Socket socket = node.socket()) {
      ask(socket, file);
      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(1000)).startsWith("HTTP/1.1 200".getBytes(StandardCharsets.UTF_8));
    }

    await().atMost(LONG).until(() -> answers("gone") == 1);
  }

  private String file(int bytes) throws Exception {
    HttpResponse<String> stored =
        node.send(
            node.request("/v1/blobs")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[bytes])));
    return stored.headers().firstValue("Location").orElseThrow();
  }

  private static void ask(Socket socket, String path) throws Exception {
    String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
  }
}
