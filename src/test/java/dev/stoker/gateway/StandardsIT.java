package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What standards allow and was once refused, or broke. */
class StandardsIT {
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

  /** They were a 400; RFC 9218 and RFC 7240 say that they are ignored. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Priority|u=8",
        "Priority|u",
        "Priority|u=?",
        "Priority|i, x=1",
        "Priority|;",
        "Prefer|handling=foo",
        "Prefer|handling",
        "Prefer|something=else; x=1"
      })
  void shouldIgnoreWhatIsNotKnown(String name, String value) throws Exception {
    HttpResponse<String> run = node.run("echo", "{\"params\":{\"text\":\"x\"}}", name, value);

    assertThat(run.statusCode()).as(run.body()).isEqualTo(200);
  }

  /** Only a lower-case, unquoted boundary without spaces was found. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "multipart/form-data; Boundary=b1|b1",
        "multipart/form-data; BOUNDARY=\"b2\"|b2",
        "multipart/form-data; boundary=\"with a space\"|with a space",
        "multipart/form-data;boundary=a'()+_,-./:=?z|"
      })
  void shouldTakeEveryLegalBoundary(String type, String boundary) throws Exception {
    String token = boundary == null ? "a'()+_,-./:=?z" : boundary;
    String quoted = boundary == null ? "multipart/form-data;boundary=\"" + token + "\"" : type;

    HttpResponse<String> run = form(quoted, part(token, "text", "hello") + "--" + token + "--\r\n");

    assertThat(run.statusCode()).as(run.body()).isEqualTo(200);
    assertThat(run.body()).contains("\"text\":\"hello\"");
  }

  /** An epilogue of more than a line's end hid the closing boundary. */
  @ParameterizedTest
  @ValueSource(ints = {9, 1000, 7000})
  void shouldTakeAnEpilogue(int length) throws Exception {
    HttpResponse<String> run =
        form(
            "multipart/form-data; boundary=b",
            part("b", "text", "hello") + "--b--\r\n" + "e".repeat(length));

    assertThat(run.statusCode()).as(run.body()).isEqualTo(200);
  }

  /** The tool was given U+FFFD in their place. */
  @Test
  void shouldRefuseAFieldThatIsNotUtf8() throws Exception {
    String body = part("b", "text", "a\u00ff\u00feb") + "--b--\r\n";

    HttpResponse<String> run =
        node.send(
            node.request("/v1/tools/echo/runs")
                .header("Content-Type", "multipart/form-data; boundary=b")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        body.getBytes(StandardCharsets.ISO_8859_1))));

    assertThat(run.statusCode()).isEqualTo(400);
    assertThat(run.body()).contains("\"field\":\"text\"", "UTF-8");
  }

  /** The stream was reset before the answer had gone out. */
  @Test
  void shouldAnswerTooLargeAFileOverHttp2() throws Exception {
    String head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    Buffer body = Buffer.buffer(head).appendBytes(new byte[12 << 20]).appendString("\r\n--b--\r\n");
    var client =
        node.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setDefaultPort(node.port));

    var answer =
        client
            .request(
                new RequestOptions()
                    .setMethod(HttpMethod.POST)
                    .setURI("/v1/tools/copy/runs")
                    .putHeader("Content-Type", "multipart/form-data; boundary=b"))
            .compose(request -> request.send(body))
            .compose(response -> response.body().map(text -> response.statusCode() + " " + text));

    assertThat(HttpNode.result(answer)).startsWith("413 ").contains("\"field\":\"file\"");
    HttpNode.result(client.close());
  }

  private static HttpResponse<String> form(String type, String body) throws Exception {
    return node.send(
        node.request("/v1/tools/echo/runs")
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static String part(String boundary, String name, String value) {
    return "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
        .formatted(boundary, name, value);
  }
}
