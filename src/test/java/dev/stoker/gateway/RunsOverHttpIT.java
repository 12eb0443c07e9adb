package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.Digest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunsOverHttpIT {
  @TempDir static Path data;
  private static HttpNode node;

  @BeforeAll
  static void open() throws Exception {
    node = new HttpNode(data);
  }

  @AfterAll
  static void close() throws Exception {
    node.close();
  }

  @Test
  void shouldAnswerWithTheRecordWhenJsonAsksForARun() throws Exception {
    HttpResponse<String> response = node.run("echo", "{\"params\":{\"text\":\"hello\"}}");

    JsonObject run = HttpNode.json(response);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(run.getString("state")).isEqualTo("succeeded");
    assertThat(run.getJsonObject("stdout").getString("text")).isEqualTo("hello");
    assertThat(response.headers().firstValue("Stoker-Run-Id")).contains(run.getString("id"));
    assertThat(response.headers().firstValue("Location"))
        .contains("/v1/runs/" + run.getString("id"));
    assertThat(response.headers().firstValue("Server-Timing").orElseThrow())
        .matches("queue;dur=[\\d.]+, exec;dur=[\\d.]+");
    assertThat(response.headers().firstValue("Cache-Status")).contains("stoker; fwd=bypass");
  }

  @Test
  void shouldTakeFieldsAndFilesOfAFormAndAnswerWithTheFileThatIsAccepted() throws Exception {
    byte[] content = "some content".repeat(20_000).getBytes(StandardCharsets.UTF_8);

    HttpResponse<byte[]> response =
        node.client.send(
            form("copy", "file", content).header("Accept", "video/x-test").build(),
            HttpResponse.BodyHandlers.ofByteArray());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).contains("video/x-test");
    assertThat(response.headers().firstValue("ETag").orElseThrow()).startsWith("\"sha256:");
    assertThat(response.body()).isEqualTo(content);
  }

  @Test
  void shouldGiveAMadeFileByRangeAndByTag() throws Exception {
    HttpResponse<String> made = node.send(form("copy", "file", bytes("0123456789")));
    JsonObject file = HttpNode.json(made).getJsonObject("outputs").getJsonObject("copy");
    String href = file.getString("href");

    HttpResponse<String> part = node.send(node.request(href).header("Range", "bytes=2-4"));
    HttpResponse<String> last = node.send(node.request(href).header("Range", "bytes=-3"));
    HttpResponse<String> beyond = node.send(node.request(href).header("Range", "bytes=10-"));
    HttpResponse<String> known =
        node.send(node.request(href).header("If-None-Match", "\"" + file.getString("blob") + "\""));
    HttpResponse<String> head = node.send(node.request(href).HEAD());

    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("234");
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 2-4/10");
    assertThat(last.body()).isEqualTo("789");
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("Content-Range")).contains("bytes */10");
    assertThat(known.statusCode()).isEqualTo(304);
    assertThat(head.headers().firstValue("Content-Length")).contains("10");
  }

  @Test
  void shouldHeedRangeAndTagOnlyWhereAFileIsRead() throws Exception {
    String tag = "\"sha256:" + Digest.of(bytes("0123456789")).hex() + "\"";
    HttpRequest.Builder copy =
        form("copy", "file", bytes("0123456789")).header("Accept", "video/x-test");

    HttpResponse<String> ranged = node.send(copy.copy().header("Range", "bytes=2-4"));
    HttpResponse<String> tagged = node.send(copy.copy().header("If-None-Match", tag));

    assertThat(ranged.statusCode()).isEqualTo(200);
    assertThat(ranged.body()).isEqualTo("0123456789");
    assertThat(tagged.statusCode()).isEqualTo(200);
    assertThat(tagged.body()).isEqualTo("0123456789");
    assertThat(tagged.headers().firstValue("ETag")).contains(tag);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          text/*                                | text/plain; charset=utf-8
          text/*, text/plain;q=0.5              | text/plain; charset=utf-8
          application/json;q=0, */*             | application/octet-stream
          text/event-stream, text/*;q=0.5       | text/event-stream
          text/*, text/plain;q=0                | text/event-stream
          """)
  void shouldGiveEventsOnlyToWhoNamesThemOrTakesNothingElse(String accept, String type)
      throws Exception {
    HttpResponse<String> response =
        node.run("echo", "{\"params\":{\"text\":\"a\"}}", "Accept", accept);

    assertThat(response.headers().firstValue("Content-Type")).contains(type);
  }

  @Test
  void shouldAnswerHeadWhereGetIs() throws Exception {
    String run =
        "/v1/runs/"
            + HttpNode.json(node.run("echo", "{\"params\":{\"text\":\"a\"}}")).getString("id");

    for (String path :
        List.of("/v1/tools", "/v1/tools/echo", "/v1/runs", run, run + "/events", run + "/stdout")) {
      HttpResponse<String> head = node.send(node.request(path).HEAD());
      HttpResponse<String> get = node.get(path);
      assertThat(head.statusCode()).as(path).isEqualTo(200);
      assertThat(head.body()).as(path).isEmpty();
      assertThat(head.headers().firstValue("Content-Type"))
          .isEqualTo(get.headers().firstValue("Content-Type"));
    }
  }

  @Test
  void shouldTakeTheBodyAsStdinAndTheQueryAsParameters() throws Exception {
    HttpResponse<String> small =
        node.send(
            node.request("/v1/tools/count/runs")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("abc")));
    HttpResponse<String> large =
        node.send(
            node.request("/v1/tools/count/runs")
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[300_000])));
    HttpResponse<String> query =
        node.send(
            node.request("/v1/tools/echo/runs?text=a%20b")
                .POST(HttpRequest.BodyPublishers.noBody()));

    assertThat(stdout(small).trim()).isEqualTo("3");
    assertThat(stdout(large).trim()).isEqualTo("300000");
    assertThat(stdout(query)).isEqualTo("a b");
  }

  @Test
  void shouldAnswerAtOnceWhenAskedToAndTellTheEndToWhoWaits() throws Exception {
    HttpResponse<String> accepted =
        node.run("sleep", "{\"params\":{\"seconds\":0.3}}", "Prefer", "respond-async");
    String location = accepted.headers().firstValue("Location").orElseThrow();

    HttpResponse<String> ended = node.get(location + "?wait=30s");

    assertThat(accepted.statusCode()).isEqualTo(202);
    assertThat(accepted.headers().firstValue("Preference-Applied")).contains("respond-async");
    assertThat(HttpNode.json(ended).getString("state")).isEqualTo("succeeded");
  }

  @Test
  void shouldAnswer202WhenTheWaitIsOverAndEndTheRunWhenItIsDeleted() throws Exception {
    HttpResponse<String> waited =
        node.run("sleep", "{\"params\":{\"seconds\":30}}", "Prefer", "wait=1");
    String location = waited.headers().firstValue("Location").orElseThrow();

    node.send(node.request(location).DELETE());

    assertThat(waited.statusCode()).isEqualTo(202);
    HttpResponse<String> ended = node.get(location + "?wait=10s");
    assertThat(HttpNode.json(ended).getString("state")).isEqualTo("cancelled");
    assertThat(node.send(node.request(location).DELETE()).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldSay422WithTheRunWhenAFailureIsAskedToBeStrict() throws Exception {
    String fails = "{\"params\":{\"script\":\"echo no >&2; exit 3\"}}";

    HttpResponse<String> strict = node.run("shell", fails, "Prefer", "handling=strict");
    HttpResponse<String> lenient = node.run("shell", fails);
    HttpResponse<String> raw = node.run("shell", fails, "Accept", "text/plain");

    assertThat(strict.statusCode()).isEqualTo(422);
    assertThat(HttpNode.json(strict).getJsonObject("run").getInteger("exitCode")).isEqualTo(3);
    assertThat(HttpNode.json(strict).getString("type")).isEqualTo("urn:stoker:problem:run-failed");
    for (HttpResponse<String> refused : List.of(strict, raw)) {
      String id = HttpNode.json(refused).getJsonObject("run").getString("id");
      assertThat(refused.statusCode()).isEqualTo(422);
      assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(refused.headers().firstValue("Stoker-Run-Id")).contains(id);
      assertThat(refused.headers().firstValue("Location")).contains("/v1/runs/" + id);
      assertThat(cacheStatus(refused)).isEqualTo("stoker; fwd=bypass");
      assertThat(refused.headers().firstValue("Server-Timing")).isPresent();
    }
    assertThat(strict.headers().firstValue("Preference-Applied")).contains("handling=strict");
    assertThat(lenient.statusCode()).isEqualTo(200);
    assertThat(HttpNode.json(lenient).getString("state")).isEqualTo("failed");
  }

  @Test
  void shouldTellAHitFromAMissAndForgetItWhenPurged() throws Exception {
    String body = "{\"params\":{\"text\":\"purge\"}}";

    HttpResponse<String> miss = node.run("cached", body);
    HttpResponse<String> hit = node.run("cached", body);
    HttpResponse<String> around = node.run("cached", body, "Cache-Control", "no-cache");
    HttpResponse<String> purge = node.send(node.request("/v1/cache?tool=cached").DELETE());
    HttpResponse<String> again = node.run("cached", body);

    assertThat(cacheStatus(miss)).isEqualTo("stoker; fwd=miss; stored");
    assertThat(cacheStatus(hit)).matches("stoker; hit; ttl=3\\d{3}; detail=local");
    assertThat(HttpNode.json(hit).getString("cache")).isEqualTo("hit");
    assertThat(cacheStatus(around)).startsWith("stoker; fwd=request");
    assertThat(HttpNode.json(purge).getInteger("purged")).isPositive();
    assertThat(cacheStatus(again)).isEqualTo("stoker; fwd=miss; stored");
  }

  @Test
  void shouldStartOneRunForOneIdempotencyKey() throws Exception {
    String body = "{\"params\":{\"text\":\"once\"}}";

    HttpResponse<String> first = node.run("echo", body, "Idempotency-Key", "k-1");
    HttpResponse<String> second = node.run("echo", body, "Idempotency-Key", "k-1");
    HttpResponse<String> other =
        node.run("echo", "{\"params\":{\"text\":\"twice\"}}", "Idempotency-Key", "k-1");

    assertThat(HttpNode.json(second).getString("id"))
        .isEqualTo(HttpNode.json(first).getString("id"));
    assertThat(other.statusCode()).isEqualTo(409);
  }

  @Test
  void shouldListRunsByPageNewestFirst() throws Exception {
    for (int i = 0; i < 3; i++) {
      node.run("echo", "{\"params\":{\"text\":\"list" + i + "\"}}");
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                HttpNode.json(node.get("/v1/runs?tool=echo&state=succeeded"))
                        .getJsonArray("runs")
                        .size()
                    >= 3);

    JsonObject page = HttpNode.json(node.get("/v1/runs?tool=echo&state=succeeded&limit=2"));
    JsonObject next =
        HttpNode.json(
            node.get(
                "/v1/runs?tool=echo&state=succeeded&limit=2&cursor=" + page.getString("next")));

    JsonArray runs = page.getJsonArray("runs");
    assertThat(runs).hasSize(2);
    assertThat(runs.getJsonObject(0).getString("id"))
        .isGreaterThan(runs.getJsonObject(1).getString("id"));
    assertThat(next.getJsonArray("runs").getJsonObject(0).getString("id"))
        .isLessThan(runs.getJsonObject(1).getString("id"));
  }

  @Test
  void shouldEndARunWhoseCallerWentAway() throws Exception {
    try (Socket caller = node.socket()) {
      String body = "{\"params\":{\"seconds\":50}}";
      caller
          .getOutputStream()
          .write(
              ("POST /v1/tools/sleep/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                      + "Content-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.US_ASCII));
      Awaitility.await().until(() -> node.executor.slotsUsed() > 0);
    }

    Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> node.executor.slotsUsed() == 0);
  }

  @Test
  void shouldKeepUploadedBlobsByTheirDigest() throws Exception {
    HttpResponse<String> posted =
        node.send(
            node.request("/v1/blobs").POST(HttpRequest.BodyPublishers.ofString("blob content")));
    String digest = HttpNode.json(posted).getString("blob");
    String path = "/v1/blobs/" + digest.substring("sha256:".length());

    HttpResponse<String> there = node.send(node.request(path).HEAD());
    HttpResponse<String> wrong =
        node.send(
            node.request("/v1/blobs/" + "0".repeat(64))
                .PUT(HttpRequest.BodyPublishers.ofString("other")));
    HttpResponse<String> wrongAgain =
        node.send(node.request(path).PUT(HttpRequest.BodyPublishers.ofString("other")));
    HttpResponse<String> again =
        node.send(node.request(path).PUT(HttpRequest.BodyPublishers.ofString("blob content")));
    HttpResponse<String> used = node.run("copy", "{\"inputs\":{\"file\":\"" + digest + "\"}}");

    assertThat(posted.statusCode()).isEqualTo(201);
    assertThat(there.statusCode()).isEqualTo(200);
    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(wrongAgain.statusCode()).isEqualTo(422);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(HttpNode.json(wrong).getString("type"))
        .isEqualTo("urn:stoker:problem:digest-mismatch");
    assertThat(HttpNode.json(used).getString("state")).isEqualTo("succeeded");
  }

  private static String cacheStatus(HttpResponse<String> response) {
    return response.headers().firstValue("Cache-Status").orElseThrow();
  }

  private static String stdout(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return HttpNode.json(response).getJsonObject("stdout").getString("text");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static HttpRequest.Builder form(String tool, String name, byte[] content) {
    String head =
        "--b\r\nContent-Disposition: form-data; name=\""
            + name
            + "\"; filename=\"f\"\r\nContent-Type: application/octet-stream\r\n\r\n";
    return node.request("/v1/tools/" + tool + "/runs")
        .header("Content-Type", "multipart/form-data; boundary=b")
        .POST(
            HttpRequest.BodyPublishers.concat(
                HttpRequest.BodyPublishers.ofString(head),
                HttpRequest.BodyPublishers.ofByteArray(content),
                HttpRequest.BodyPublishers.ofString("\r\n--b--\r\n")));
  }
}
