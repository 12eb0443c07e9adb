package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.gateway.HttpNode.Layout;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway answers of runs and files that are on another node. */
class ElsewhereIT {
  private static final int LARGE = 300_000;

  @TempDir Path data;
  private HttpNode node;

  @BeforeEach
  void open() throws Exception {
    node = new HttpNode(data, settings -> settings, Layout.APART);
  }

  @AfterEach
  void close() throws Exception {
    node.close();
  }

  @Test
  void shouldGiveWhatARunHasWrittenSoFarAndFollowItToItsEnd() throws Exception {
    String path = start("printf early; sleep 1; printf late");

    Awaitility.await()
        .untilAsserted(() -> assertThat(node.get(path + "/stdout").body()).isEqualTo("early"));
    HttpResponse<String> part =
        node.send(node.request(path + "/stdout").header("Range", "bytes=1-2"));
    HttpResponse<String> followed = node.get(path + "/stdout?follow=true");

    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("ar");
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 1-2/*");
    assertThat(followed.body()).isEqualTo("earlylate");
  }

  @Test
  void shouldTellTheEventsOfARunUnderWayAsTheyHappen() throws Exception {
    String path = start("printf early; sleep 1; printf late; printf err >&2");

    HttpResponse<String> events = node.get(path + "/events");

    assertThat(events.body())
        .contains("{\"offset\":0,\"text\":\"early\"}", "{\"offset\":5,\"text\":\"late\"}")
        .contains("event: stderr", "\"state\":\"succeeded\"");
    // Both come alone: the first was told before the second was written.
    assertThat(events.body()).doesNotContain("earlylate\"}\n");
  }

  @Test
  void shouldGiveKeptOutputThatIsTooLargeForARecord() throws Exception {
    HttpResponse<String> run = node.run("shell", script("head -c " + LARGE + " /dev/zero"));
    String path = "/v1/runs/" + HttpNode.json(run).getString("id");

    HttpResponse<String> whole = node.get(path + "/stdout");
    HttpResponse<String> part =
        node.send(node.request(path + "/stdout").header("Range", "bytes=-10"));
    HttpResponse<String> events = node.get(path + "/events");

    assertThat(whole.body()).hasSize(LARGE);
    assertThat(part.headers().firstValue("Content-Range"))
        .contains("bytes " + (LARGE - 10) + "-" + (LARGE - 1) + "/" + LARGE);
    assertThat(events.body()).contains("event: end");
  }

  @Test
  void shouldGiveFilesThatRunsMadeWithTagAndRange() throws Exception {
    byte[] content = "what the other node has".getBytes(StandardCharsets.UTF_8);
    Digest digest = upload(content);
    HttpResponse<String> run = node.run("copy", input(digest));
    String path = "/v1/runs/" + HttpNode.json(run).getString("id") + "/outputs/copy";

    HttpResponse<String> part = node.send(node.request(path).header("Range", "bytes=0-3"));
    String tag = part.headers().firstValue("ETag").orElseThrow();
    HttpResponse<String> known = node.send(node.request(path).header("If-None-Match", tag));

    assertThat(run.statusCode()).as(run.body()).isEqualTo(200);
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("what");
    assertThat(known.statusCode()).isEqualTo(304);
  }

  @Test
  void shouldGiveABlobByItsDigestAndSayWhenNoNodeHasIt() throws Exception {
    Digest digest = upload("there".getBytes(StandardCharsets.UTF_8));

    HttpResponse<String> found = node.get("/v1/blobs/" + digest.hex());
    HttpResponse<String> missing = node.get("/v1/blobs/" + "0".repeat(64));

    assertThat(found.body()).isEqualTo("there");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(HttpNode.json(missing).getInteger("code")).isEqualTo(6);
  }

  @Test
  void shouldTakeBlobsOfOtherNodesAsInputsAndNameTheFieldWhenNoneHasOne() throws Exception {
    Digest digest = upload("input".getBytes(StandardCharsets.UTF_8));

    HttpResponse<String> found = node.run("copy", input(digest));
    HttpResponse<String> missing = node.run("copy", input(Digest.of(new byte[] {1})));
    HttpResponse<String> stdin =
        node.run("count", "{\"stdin\":{\"blob\":\"sha256:" + "0".repeat(64) + "\"}}");

    assertThat(HttpNode.json(found).getString("state")).isEqualTo("succeeded");
    assertThat(node.gatewayBlobs.find(digest)).isPresent();
    assertThat(missing.statusCode()).isEqualTo(400);
    assertThat(missing.body()).contains("\"field\":\"inputs.file\"", "\"code\":6");
    assertThat(stdin.statusCode()).isEqualTo(400);
    assertThat(stdin.body()).contains("\"field\":\"stdin\"");
  }

  @Test
  void shouldBringNothingForARequestThatIsRefusedAnyway() throws Exception {
    Digest digest = upload("not needed".getBytes(StandardCharsets.UTF_8));

    HttpResponse<String> refused =
        node.run("copy", "{\"params\":{\"no\":1},\"inputs\":{\"file\":\"" + digest + "\"}}");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(node.gatewayBlobs.find(digest)).isEmpty();
  }

  @Test
  void shouldGiveAStoredResultRawWhoseBytesAreElsewhere() throws Exception {
    String body =
        new JsonObject().put("params", new JsonObject().put("text", "x".repeat(100_000))).encode();
    node.run("cached", body);

    HttpResponse<InputStream> raw =
        node.client.send(
            node.request("/v1/tools/cached/runs")
                .header("Content-Type", "application/json")
                .header("Accept", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofInputStream());

    assertThat(raw.headers().firstValue("Cache-Status").orElseThrow()).startsWith("stoker; hit");
    assertThat(raw.body().readAllBytes()).hasSize(100_000);
  }

  private String start(String script) throws Exception {
    HttpResponse<String> run = node.run("shell", script(script), "Prefer", "respond-async");
    return run.headers().firstValue("Location").orElseThrow();
  }

  private static String script(String script) {
    return new JsonObject().put("params", new JsonObject().put("script", script)).encode();
  }

  private static String input(Digest digest) {
    return "{\"inputs\":{\"file\":\"" + digest + "\"}}";
  }

  /** Into the store of the node that runs. */
  private Digest upload(byte[] content) throws Exception {
    var upload = node.blobs.upload("test", ByteSize.parse("1MiB"));
    HttpNode.result(upload.write(Buffer.buffer(content)));
    return HttpNode.result(upload.finish()).digest();
  }
}
