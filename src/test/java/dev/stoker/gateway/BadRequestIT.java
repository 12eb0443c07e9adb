package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, how it is said, and that no process comes of it. */
class BadRequestIT {
  private static final String RUN = "/v1/tools/echo/runs";
  private static final String NO_RUN = "/v1/runs/01890000-0000-7000-8000-000000000000";

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

  /**
   * One row.
   *
   * @param request as sent, without Host, Connection and Content-Length
   * @param names what the answer says: the field, and what is allowed
   */
  record Bad(String name, String request, String body, int status, String... names) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Bad> rows() {
    return Stream.of(
        json("unknown tool", "/v1/tools/nope/runs", "{}", 404, "nope", "echo"),
        json("unavailable tool", "/v1/tools/missing/runs", "{}", 503, "missing"),
        json("missing parameter", RUN, "{}", 400, "params", "text"),
        json("unknown parameter", RUN, "{\"params\":{\"text\":\"a\",\"x\":1}}", 400, "params", "x"),
        json("wrong type", RUN, "{\"params\":{\"text\":5}}", 400, "params.text", "text"),
        json(
            "out of bounds",
            RUN,
            "{\"params\":{\"text\":\"a\",\"times\":10}}",
            400,
            "params.times",
            "9"),
        json("NUL", RUN, "{\"params\":{\"text\":\"a\\u0000b\"}}", 400, "params.text"),
        json("newline", RUN, "{\"params\":{\"text\":\"a\\nb\"}}", 400, "params.text"),
        json("leading dash", RUN, "{\"params\":{\"text\":\"-rf\"}}", 400, "params.text"),
        json(
            "2 MiB argument",
            RUN,
            "{\"params\":{\"text\":\"" + "a".repeat(2 << 20) + "\"}}",
            400,
            "params.text"),
        json("too large a body", RUN, "a".repeat((4 << 20) + 1), 413, "body", "4194304"),
        json("broken JSON", RUN, "{\"params\":\n {]", 400, "body", "line 2, column"),
        json("trailing text", RUN, "{} {}", 400, "body"),
        json("not an object", RUN, "[1]", 400, "body", "object"),
        json("empty JSON", RUN, "", 400, "body"),
        json("deep JSON", RUN, "{\"params\":" + "[".repeat(9999), 400, "body"),
        json("duplicate key", RUN, "{\"params\":{},\"params\":{}}", 400, "body", "params"),
        json("unknown key", RUN, "{\"param\":{}}", 400, "param", "params, inputs, stdin"),
        json("params no object", RUN, "{\"params\":[]}", 400, "params", "object"),
        json("stdin of the wrong form", RUN, "{\"stdin\":{\"b\":1}}", 400, "stdin", "base64"),
        json(
            "stdin not taken",
            RUN,
            "{\"params\":{\"text\":\"a\"},\"stdin\":\"b\"}",
            400,
            "stdin",
            "none"),
        json("stdin missing", "/v1/tools/count/runs", "{}", 400, "stdin"),
        json("input missing", "/v1/tools/copy/runs", "{}", 400, "inputs.file"),
        json(
            "unknown input",
            "/v1/tools/copy/runs",
            "{\"inputs\":{\"other\":\"sha256:" + "0".repeat(64) + "\"}}",
            400,
            "inputs.other",
            "file"),
        json(
            "unknown blob",
            "/v1/tools/copy/runs",
            "{\"inputs\":{\"file\":\"sha256:" + "0".repeat(64) + "\"}}",
            400,
            "inputs.file"),
        json(
            "no digest",
            "/v1/tools/copy/runs",
            "{\"inputs\":{\"file\":\"md5:1\"}}",
            400,
            "inputs.file",
            "sha256"),
        json("query beside JSON", RUN + "?text=a", "{}", 400, "query"),
        form("broken multipart", "--b\r\nno header\r\n\r\nx", 400, "body"),
        form("multipart that breaks off", part("file", "x"), 400, "body", "boundary"),
        form(
            "multipart that breaks off after its boundary within a line",
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello --b--",
            400,
            "body",
            "breaks off"),
        form("text instead of multipart", "hello", 400, "body", "boundary"),
        form("unknown file part", part("other", "x") + "--b--\r\n", 400, "inputs.other", "file"),
        form(
            "file part given twice",
            part("file", "x") + part("file", "y") + "--b--\r\n",
            400,
            "file",
            "once"),
        new Bad(
            "multipart without boundary",
            "POST /v1/tools/copy/runs HTTP/1.1\r\nContent-Type: multipart/form-data",
            "x",
            400,
            "boundary"),
        new Bad(
            "body of a tool without stdin",
            "POST " + RUN + " HTTP/1.1\r\nContent-Type: text/plain",
            "x",
            415,
            "application/json"),
        new Bad(
            "query is not percent-encoded",
            "POST " + RUN + "?text=%zz HTTP/1.1",
            "",
            400,
            "percent"),
        get("/v1/runs?tool=%ff", "", 400, "UTF-8"),
        new Bad("query is not UTF-8", "POST " + RUN + "?text=%ff HTTP/1.1", "", 400, "UTF-8"),
        new Bad(
            "form is not UTF-8",
            "POST " + RUN + " HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
            "text=%c0%af",
            400,
            "UTF-8"),
        json(
            "half a surrogate pair",
            "/v1/tools/count/runs",
            "{\"stdin\":\"\\ud800\"}",
            400,
            "stdin"),
        header("Content-Encoding: gzip", 415, "Content-Encoding", "identity"),
        header(
            "Idempotency-Key: k\r\nAccept: text/plain",
            400,
            "header Idempotency-Key",
            "application/json"),
        header("Host: y", 400, "Host"),
        header("Prefer: wait=soon", 400, "header Prefer", "seconds"),
        header("Stoker-Timeout: soon", 400, "header Stoker-Timeout", "30s"),
        header("Stoker-Timeout: 21s", 400, "header Stoker-Timeout", "20s"),
        header("Stoker-Timeout: 0s", 400, "header Stoker-Timeout", "1ms"),
        header("Idempotency-Key: " + "k".repeat(256), 400, "header Idempotency-Key", "255"),
        header("Accept: nonsense", 400, "header Accept"),
        header("Accept: image/png", 406, "application/json"),
        get("/v1/runs/not-an-id", "", 400, "path id", "36"),
        get(NO_RUN, "", 404, "no run"),
        get(NO_RUN + "/stdout", "", 404, "no run"),
        get(NO_RUN + "/events", "", 404, "no run"),
        get(NO_RUN + "/events", "\r\nLast-Event-ID: x", 400, "header Last-Event-ID"),
        get(NO_RUN + "/outputs/copy", "", 404, "no run"),
        get(NO_RUN + "?wait=long", "", 400, "query wait", "30s"),
        get("/v1/runs?limit=0", "", 400, "query limit", "1 to 1000"),
        get("/v1/runs?state=odd", "", 400, "query state", "queued"),
        get("/v1/runs?cursor=x", "", 400, "query cursor"),
        get("/v1/runs?tol=echo", "", 400, "query tol", "tool"),
        get("/v1/runs?limit=1&limit=2", "", 400, "query limit", "once"),
        get("/v1/blobs/xyz", "", 400, "path sha256", "hexadecimal"),
        get("/v1/blobs/" + "0".repeat(64), "", 404, "no blob"),
        get("/v1/tools/nope", "", 404, "nope"),
        get("/nowhere", "", 404, "openapi.json"),
        new Bad("wrong method", "PATCH /v1/tools HTTP/1.1", "", 405, "GET"),
        new Bad("not HTTP", "this is no request", "", 400, "HTTP"),
        get("/" + "a".repeat(20_000), "", 414, "long"),
        get("/v1/tools", "\r\nX: " + "a".repeat(20_000), 431, "large"));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void shouldSayWhatIsWrongAndWhatIsAllowed(Bad bad) throws Exception {
    double before = node.runs();

    RawAnswer answer = send(bad);

    assertThat(answer.status()).as(answer.text()).isEqualTo(bad.status());
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    JsonObject problem = new JsonObject(answer.body());
    assertThat(problem.getString("type")).startsWith("urn:stoker:problem:");
    assertThat(problem.getInteger("status")).isEqualTo(bad.status());
    assertThat(problem.getString("title")).isNotBlank();
    String told = problem.getString("detail") + problem.getJsonArray("errors", new JsonArray());
    assertThat(told).contains(bad.names());
    assertThat(node.runs()).isEqualTo(before);
    assertThat(node.executor.slotsUsed()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Host: a b\r\n", "Host: x:99999999\r\n", "Host: x\r\nHost: x\r\n"})
  void shouldRefuseARequestWithoutOneGoodHost(String host) throws Exception {
    try (Socket socket = node.socket()) {
      socket.getOutputStream().write(ascii("GET /health/live HTTP/1.1\r\n" + host + "\r\n"));

      RawAnswer answer = RawAnswer.read(socket);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("Host");
    }
  }

  @Test
  void shouldServeHttp10WithoutHost() throws Exception {
    try (Socket socket = node.socket()) {
      socket.getOutputStream().write(ascii("GET /health/live HTTP/1.0\r\n\r\n"));

      assertThat(RawAnswer.read(socket).status()).isEqualTo(200);
    }
  }

  @Test
  void shouldRefuseJsonThatIsNotUtf8() throws Exception {
    try (Socket socket = node.socket()) {
      byte[] body =
          "{\"params\":{\"text\":\"\u00c0\u00af\"}}".getBytes(StandardCharsets.ISO_8859_1);
      socket
          .getOutputStream()
          .write(
              ascii(
                  "POST "
                      + RUN
                      + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                      + body.length
                      + "\r\n\r\n"));
      socket.getOutputStream().write(body);

      RawAnswer answer = RawAnswer.read(socket);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("UTF-8");
    }
  }

  @Test
  void shouldRefuseChunksThatAreNone() throws Exception {
    try (Socket socket = node.socket()) {
      String head =
          String.join(
              "\r\n",
              "POST " + RUN + " HTTP/1.1",
              "Host: x",
              "Content-Type: application/json",
              "Transfer-Encoding: chunked",
              "",
              "zz",
              "{}",
              "");
      socket.getOutputStream().write(ascii(head));

      assertThat(RawAnswer.read(socket).status()).isEqualTo(400);
    }
  }

  @Test
  void shouldNameTheMethodsThatAPathHas() throws Exception {
    RawAnswer answer = send(new Bad("", "PUT /v1/runs HTTP/1.1", "", 405));

    assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
  }

  @Test
  void shouldServeTheNextRequestOfAConnectionAfterARefusal() throws Exception {
    try (Socket socket = node.socket()) {
      String body = "{\"params\":{}}";
      String bad =
          "POST /v1/tools/nope/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      socket.getOutputStream().write(ascii(bad));
      assertThat(RawAnswer.read(socket).status()).isEqualTo(404);
      socket.getOutputStream().write(ascii("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"));

      assertThat(RawAnswer.read(socket).status()).isEqualTo(200);
    }
  }

  @Test
  void shouldRefuseBeforeTheBodyIsSentWhenTheCallerWaitsForAWord() throws Exception {
    try (Socket socket = node.socket()) {
      String head =
          String.join(
              "\r\n",
              "POST /v1/tools/nope/runs HTTP/1.1",
              "Host: x",
              "Expect: 100-continue",
              "Content-Type: application/json",
              "Content-Length: 100000",
              "",
              "");
      socket.getOutputStream().write(ascii(head));

      assertThat(RawAnswer.read(socket).status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Host: a b\r\n", "Host: x:99999999\r\n", "Host: a\r\nHost: b\r\n"})
  void shouldRefuseARequestThatDoesNotNameOneHost(String header) throws Exception {
    try (Socket socket = node.socket()) {
      socket.getOutputStream().write(ascii("GET /v1/nodes HTTP/1.1\r\n" + header + "\r\n"));

      assertThat(RawAnswer.read(socket).status()).isEqualTo(400);
    }
  }

  @Test
  void shouldRefuseAFormThatBreaksOffInsideAPartThoughItEndsInTheBoundary() throws Exception {
    String body =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello --b--";

    RawAnswer answer = send(form("broken", body, 400));

    assertThat(answer.status()).isEqualTo(400);
  }

  @Test
  void shouldRefuseToRememberAStreamThatIsTakenRaw() throws Exception {
    var response = node.run("echo", "{}", "Accept", "text/plain", "Idempotency-Key", "the-key");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("Idempotency-Key", "application/json");
  }

  private static RawAnswer send(Bad bad) throws Exception {
    try (Socket socket = node.socket()) {
      byte[] body = bad.body().getBytes(StandardCharsets.UTF_8);
      String head = bad.request() + "\r\nHost: x\r\nContent-Length: " + body.length + "\r\n\r\n";
      socket.getOutputStream().write(ascii(head));
      socket.getOutputStream().write(body);
      return RawAnswer.read(socket);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Bad json(String name, String path, String body, int status, String... names) {
    return new Bad(
        name, "POST " + path + " HTTP/1.1\r\nContent-Type: application/json", body, status, names);
  }

  private static Bad form(String name, String body, int status, String... names) {
    return new Bad(
        name,
        "POST /v1/tools/copy/runs HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b",
        body,
        status,
        names);
  }

  private static String part(String name, String content) {
    return "--b\r\nContent-Disposition: form-data; name=\""
        + name
        + "\"; filename=\"f\"\r\n\r\n"
        + content
        + "\r\n";
  }

  private static Bad header(String header, int status, String... names) {
    return new Bad(
        header.substring(0, Math.min(40, header.length())),
        "POST " + RUN + " HTTP/1.1\r\nContent-Type: application/json\r\n" + header,
        "{\"params\":{\"text\":\"a\"}}",
        status,
        names);
  }

  private static Bad get(String path, String headers, int status, String... names) {
    return new Bad(
        "GET " + path.substring(0, Math.min(60, path.length())),
        "GET " + path + " HTTP/1.1" + headers,
        "",
        status,
        names);
  }
}
