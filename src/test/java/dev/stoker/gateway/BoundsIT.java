package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundsIT {
  private static final int CONNECTIONS = 8;
  private static final Duration IDLE = Duration.ofSeconds(1);

  @TempDir static Path data;
  private static HttpNode node;

  @BeforeAll
  static void open() throws Exception {
    node = new HttpNode(data, BoundsIT::small);
  }

  private static GatewaySettings small(GatewaySettings usual) {
    return new GatewaySettings(
        usual.host(),
        usual.port(),
        CONNECTIONS,
        usual.headerBytes(),
        usual.uriBytes(),
        usual.jsonBody(),
        usual.stdin(),
        usual.blob(),
        IDLE,
        usual.stall(),
        usual.waitMax(),
        usual.heartbeat(),
        1,
        usual.memo());
  }

  @AfterAll
  static void close() throws Exception {
    node.close();
  }

  @Test
  void shouldCloseAConnectionInTheMiddleOfAHeader() throws Exception {
    try (Socket socket = node.socket()) {
      socket.getOutputStream().write("GET / HTT".getBytes(StandardCharsets.US_ASCII));

      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldNotTakeALongRunForAnIdleConnection() throws Exception {
    HttpResponse<String> response =
        node.run("sleep", "{\"params\":{\"seconds\":" + IDLE.toSeconds() * 3 + "}}");

    assertThat(HttpNode.json(response).getString("state")).isEqualTo("succeeded");
  }

  @Test
  void shouldCloseConnectionsPastTheBound() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      // Another test's connections may be open still.
      assertThatThrownBy(
              () -> {
                for (int i = 0; i <= CONNECTIONS; i++) {
                  sockets.add(node.socket());
                  health(sockets.getLast());
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(sockets).hasSizeGreaterThan(CONNECTIONS / 2);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
      // Until it has noticed, the next test has no connection.
      await().ignoreExceptions().until(() -> node.get("/v1/tools").statusCode() == 200);
    }
  }

  private static int health(Socket socket) throws IOException {
    String request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return RawAnswer.read(socket).status();
  }

  @Test
  void shouldRefuseOneFollowerTooManyAndTakeOneWhenAnotherHasGone() throws Exception {
    HttpResponse<String> run =
        node.run("sleep", "{\"params\":{\"seconds\":2}}", "Prefer", "respond-async");
    String path = run.headers().firstValue("Location").orElseThrow() + "/stdout?follow=true";
    var first =
        node.client.sendAsync(
            node.request(path).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(first.get().statusCode()).isEqualTo(200);

    HttpResponse<String> second = node.get(path);
    first.get().body().readAllBytes();

    assertThat(second.statusCode()).isEqualTo(503);
    assertThat(second.headers().firstValue("Retry-After")).contains("1");
    assertThat(node.get(path).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldRefuseAFileThatIsLargerThanItsToolAllows() throws Exception {
    String head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    HttpResponse<String> response =
        node.send(
            node.request("/v1/tools/copy/runs")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(
                    HttpRequest.BodyPublishers.concat(
                        HttpRequest.BodyPublishers.ofString(head),
                        HttpRequest.BodyPublishers.ofByteArray(new byte[(8 << 20) + 1]),
                        HttpRequest.BodyPublishers.ofString("\r\n--b--\r\n"))));

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("file", "8MiB");
  }

  @Test
  void shouldServeHttp2WithPriorKnowledgeAndByUpgrade() throws Exception {
    // Java's client asks for the upgrade.
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      HttpResponse<String> response =
          client.send(node.request("/v1/tools").build(), HttpResponse.BodyHandlers.ofString());

      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(new JsonObject(response.body()).getJsonArray("tools"))
          .hasSize(HttpNode.TOOLS.size());
    }
  }

  @Test
  void shouldTellHealthMetricsAndTheDocumentOnAPortOfTheirOwn() throws Exception {
    ManagementServer management =
        new ManagementServer("127.0.0.1", 0, node.probes, node.contract, node.catalog);
    HttpNode.result(node.vertx.deployVerticle(management));

    for (String path : List.of("/health/live", "/health/ready", "/metrics", "/openapi.json")) {
      HttpResponse<String> own =
          node.send(
              HttpRequest.newBuilder(
                  node.uri(path).resolve("http://127.0.0.1:" + management.port() + path)));
      assertThat(own.statusCode()).isEqualTo(200);
      assertThat(own.body()).isEqualTo(node.get(path).body());
    }
  }
}
