package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cluster.NodeInfo;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodesIT {
  @TempDir Path data;
  private HttpNode node;

  @BeforeEach
  void open() throws Exception {
    node = new HttpNode(data);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  @Test
  void shouldShowALoneNodeToItself() throws Exception {
    JsonObject nodes = HttpNode.json(node.get("/v1/nodes"));

    assertThat(nodes.getJsonArray("nodes")).hasSize(1);
    JsonObject self = nodes.getJsonArray("nodes").getJsonObject(0);
    assertThat(self.getString("id")).isEqualTo("test@2");
    assertThat(self.getString("name")).isEqualTo("test");
    assertThat(self.getInteger("epoch")).isEqualTo(2);
    assertThat(self.getBoolean("self")).isTrue();
    assertThat(self.getString("state")).isEqualTo("active");
    assertThat(self.getJsonObject("slots"))
        .isEqualTo(new JsonObject().put("total", 4).put("used", 0));
    assertThat(self.getJsonArray("tools").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("name", "echo")
                .put("available", true)
                .put("definition", "d1")
                .put("executable", "e1"));
    assertThat(self.getJsonArray("isolation")).containsExactly("none");
    assertThat(self.getJsonArray("layers"))
        .containsExactly(
            new JsonObject()
                .put("name", "landlock")
                .put("state", "missing")
                .put("words", "this kernel has none"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "test@2", "test%402"})
  void shouldKnowANodeByItsNameWithOrWithoutItsEpoch(String id) throws Exception {
    HttpResponse<String> found = node.get("/v1/nodes/" + id);

    assertThat(found.statusCode()).isEqualTo(200);
    assertThat(HttpNode.json(found).getString("id")).isEqualTo("test@2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"other", "test@1", "test@", "@2", "%00"})
  void shouldSayWhichNodesThereAre(String id) throws Exception {
    HttpResponse<String> found = node.get("/v1/nodes/" + id);
    HttpResponse<String> drained = drain(id);

    assertThat(found.statusCode()).isEqualTo(404);
    assertThat(drained.statusCode()).isEqualTo(404);
    assertThat(HttpNode.json(found).getInteger("code")).isEqualTo(18);
    assertThat(HttpNode.json(found).getString("detail")).contains("test@2");
    assertThat(node.drained).isEmpty();
  }

  @Test
  void shouldDrainANodeAsOftenAsItIsAsked() throws Exception {
    HttpResponse<String> first = drain("test");
    HttpResponse<String> second = drain("test@2");

    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(HttpNode.json(first).getString("state")).isEqualTo("draining");
    assertThat(second.statusCode()).isEqualTo(202);
    assertThat(node.drained).containsExactly(HttpNode.SELF, HttpNode.SELF);
    assertThat(HttpNode.json(node.get("/v1/nodes/test")).getString("state")).isEqualTo("draining");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/tools", "/v1/nothing", "/v1/runs/none"})
  void shouldSendCallersElsewhereWhileItDrains(String path) throws Exception {
    try (Socket socket = node.socket()) {
      ask(socket, path);
      assertThat(RawAnswer.read(socket).header("Connection")).isEmpty();
      drain("test");

      ask(socket, path);

      assertThat(RawAnswer.read(socket).header("Connection")).isEqualTo("close");
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void shouldSendCallersOfRememberedAnswersElsewhereToo() throws Exception {
    String body = "{\"params\":{\"text\":\"bye\"}}";
    node.run("cached", body);
    node.run("cached", body);
    drain("test");

    HttpResponse<String> hit = node.run("cached", body);

    assertThat(HttpNode.json(hit).getString("cache")).isEqualTo("hit");
    assertThat(hit.headers().firstValue("Connection")).contains("close");
  }

  @Test
  void shouldSayGoodbyeOverHttp2AndAnswerAllTheSame() throws Exception {
    var client =
        node.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultPort(node.port));
    drain("test");
    AtomicBoolean goodbye = new AtomicBoolean();

    JsonObject answer =
        HttpNode.result(
            client
                .request(HttpMethod.GET, "/v1/nodes")
                .compose(
                    request -> {
                      HttpConnection connection = request.connection();
                      connection.goAwayHandler(said -> goodbye.set(true));
                      return request.send();
                    })
                .compose(response -> response.body().map(body -> body.toJsonObject())));

    assertThat(answer.getJsonArray("nodes")).hasSize(1);
    Awaitility.await().untilTrue(goodbye);
    HttpNode.result(client.close());
  }

  @Test
  void shouldTellHowANodeStartsProcessesAndSinceWhenItIsUp() throws Exception {
    NodeInfo self = node.members.present().get(HttpNode.SELF);
    assertThat(self).isNotNull();

    JsonObject told = HttpNode.json(node.get("/v1/nodes/test"));

    assertThat(told.getString("processes")).isEqualTo(self.processes());
    assertThat(told.getString("startedAt")).isEqualTo(self.startedAt().toString());
  }

  private HttpResponse<String> drain(String id) throws Exception {
    return node.send(
        node.request("/v1/nodes/" + id + "/drain").POST(HttpRequest.BodyPublishers.noBody()));
  }

  private static void ask(Socket socket, String path) throws Exception {
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }
}
