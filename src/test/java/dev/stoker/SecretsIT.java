package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The value of a parameter that is marked {@code writeOnly}, looked for wherever Stoker writes,
 * with every line of the log that there is.
 */
class SecretsIT {
  private static final String SECRET = "hunter2-xyzzy-plugh";
  private static final String DASHED = "-" + SECRET;
  private static final long NUMBER = 918_273_645_546L;

  @TempDir Path directory;
  private StokerHome home;
  private StokerProcess stoker;
  private Http http;
  private final List<String> answers = new ArrayList<>();

  @BeforeEach
  void start() {
    String schema =
        """
        parameters: {properties: {password: {type: string, writeOnly: true, pattern: "^[-a-z0-9]*$", maxLength: 30}, \
        pin: {type: integer, maximum: 1000000000000, writeOnly: true}, \
        keys: {type: array, uniqueItems: true, items: {type: string, writeOnly: true}}, \
        mode: {type: string, default: "0"}}, required: [password], \
        not: {properties: {mode: {const: never}}, required: [mode]}}""";
    home =
        new StokerHome(directory.resolve("home"))
            .config(
                "node: {slots: 1}",
                "http: {stall: 60s}",
                "log: {format: json, level: debug, runs: all, requests: true}",
                "audit: {hits: true, required: true}")
            .script(
                "login",
                "test ${#PASSWORD} -gt 5 || exit 4\nexit ${MODE:-0}",
                schema,
                "environment: {PASSWORD: \"${params.password}\", MODE: \"${params.mode}\"}",
                "stdin: optional")
            .script(
                "argument",
                "exit 0",
                schema,
                "command: [\"@script@\", \"${params.password}\", \"${params.mode}\"]")
            .script(
                "slow",
                "sleep 60",
                schema,
                "environment: {PASSWORD: \"${params.password}\"}",
                "timeout: {default: 300ms, max: 60s}",
                "concurrency: {perNode: 1, queue: 0}")
            .script(
                "cached",
                "echo made",
                schema,
                "environment: {PASSWORD: \"${params.password}\"}",
                "cache: {ttl: 1h}")
            .script(
                "forgetful",
                "exit 0",
                schema,
                "environment: {PASSWORD: \"${params.password}\"}",
                "outputs: {file: {path: out.txt, mediaType: text/plain, required: true}}");
    stoker = home.start();
    http = Http.of(stoker);
  }

  @AfterEach
  void stop() {
    http.close();
    stoker.close();
  }

  @Test
  void shouldTellItToNobody() throws Exception {
    assertThat(state(run("login", parameters(SECRET)))).isEqualTo("succeeded");
    assertThat(state(run("login", parameters(SECRET).put("mode", "3")))).isEqualTo("failed");
    assertThat(state(run("slow", parameters(SECRET)))).isEqualTo("timed_out");
    assertThat(state(run("forgetful", parameters(SECRET)))).isEqualTo("failed");
    assertThat(state(run("cached", parameters(SECRET)))).isEqualTo("succeeded");
    assertThat(run("cached", parameters(SECRET)).header("Cache-Status")).contains("hit");

    refused("login", parameters(SECRET + "!"), "params.password is not what");
    refused("login", parameters(SECRET + "-" + SECRET), "params.password is not what");
    refused("login", parameters(SECRET + "\u0007"), "params.password is not what");
    refused("argument", parameters(DASHED).put("mode", "1"), "params.password is not what");
    refused("login", new JsonObject().put("password", NUMBER), "params.password is not what");
    refused("login", parameters(SECRET).put("pin", NUMBER * 10), "params.pin is not what");
    refused("login", parameters(SECRET).put("pin", SECRET), "params.pin is not what");
    refused("login", parameters(SECRET).put("keys", List.of(SECRET, SECRET)), "params.keys is not");
    refused("login", parameters(SECRET).put("keys", List.of(NUMBER)), "params.keys is not what");
    refused(
        "login",
        parameters(SECRET).put("keys", new JsonObject().put(SECRET + "\u0001", 1)),
        "params.keys is not what");
    refused("login", parameters(SECRET).put("mode", "never"), "params");
    refused(
        "login", parameters(SECRET).put("pasword", SECRET), "params.pasword is not a parameter");
    refused("login", new JsonObject(), "params.password is missing");
    refusedText("{\"params\":{\"password\":" + SECRET.replace('-', '_') + "}}");
    refusedText("{\"params\":{\"password\":\"" + SECRET);
    answered(
        http.post(
            "/v1/tools/login/runs?password=" + SECRET,
            BodyPublishers.ofString("in"),
            "Content-Type",
            "text/plain"));
    answered(
        http.post(
            "/v1/tools/login/runs?password=" + SECRET + "%21",
            BodyPublishers.ofString("in"),
            "Content-Type",
            "text/plain"));
    answered(
        http.post(
            "/v1/tools/login/runs",
            BodyPublishers.ofString("password=" + SECRET + "%21"),
            "Content-Type",
            "application/x-www-form-urlencoded"));
    answered(run("login", parameters(SECRET), "Accept", "text/event-stream"));
    answered(run("login", parameters(SECRET), "Stoker-Timeout", "nonsense"));
    // Nothing of these is written down but their ends.
    assertThat(filesWithIt(home.data())).isEmpty();

    answered(run("login", parameters(SECRET), "Idempotency-Key", "k"));
    answered(run("login", parameters(SECRET + "-2"), "Idempotency-Key", "k"));
    String queued =
        answered(http.detached("slow", parameters(SECRET), "Stoker-Timeout", "20s")).run().id();
    await().until(() -> http.find(queued).state().equals("running"));
    assertThat(answered(run("slow", parameters(SECRET))).status()).isEqualTo(503);
    answered(http.delete("/v1/runs/" + queued));
    assertThat(http.ended(queued).state()).isEqualTo("cancelled");
    for (String path :
        List.of(
            "/v1/runs?limit=100",
            "/v1/runs/" + queued,
            "/v1/tools",
            "/openapi.json",
            "/v1/nodes")) {
      answered(http.get(path));
    }
    try (Http management = new Http(stoker.management())) {
      answered(management.get("/metrics"));
    }

    assertThat(answers).hasSizeGreaterThan(30).noneMatch(SecretsIT::hasIt);
    await().until(() -> stoker.errors().contains("\"path\":\"/v1/nodes\""));
    assertThat(stoker.errors().lines()).hasSizeGreaterThan(40).noneMatch(SecretsIT::hasIt);
    assertThat(stoker.output()).doesNotContain(SECRET);
    Path audit = home.data().resolve("audit/audit.jsonl");
    assertThat(Files.readAllLines(audit)).hasSizeGreaterThan(30).noneMatch(SecretsIT::hasIt);
    for (String of : List.of("cmdline", "environ")) {
      assertThat(
              hasIt(
                  Files.readString(
                      Path.of("/proc/" + stoker.pid(), of), StandardCharsets.ISO_8859_1)))
          .isFalse();
    }
    // The ledger must keep what it may have to start again; nothing else has it.
    assertThat(filesWithIt(home.data()))
        .allMatch(file -> file.startsWith(home.data().resolve("ledger")));
  }

  private static JsonObject parameters(String password) {
    return new JsonObject().put("password", password).put("mode", "0");
  }

  private Http.Answer run(String tool, JsonObject parameters, String... headers) {
    return answered(http.run(tool, parameters, headers));
  }

  private static String state(Http.Answer answer) {
    return answer.run().state();
  }

  private void refused(String tool, JsonObject parameters, String why) {
    Http.Answer answer = run(tool, parameters);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    JsonObject error = answer.json().getJsonArray("errors").getJsonObject(0);
    assertThat(error.getString("field") + " " + error.getString("message")).startsWith(why);
  }

  private void refusedText(String body) {
    Http.Answer answer =
        answered(
            http.post(
                "/v1/tools/login/runs",
                BodyPublishers.ofString(body),
                "Content-Type",
                "application/json"));
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
  }

  private Http.Answer answered(Http.Answer answer) {
    answers.add(answer.headers().map() + "\n" + answer.text());
    return answer;
  }

  private static boolean hasIt(String text) {
    return text.contains("hunter2") || text.contains(Long.toString(NUMBER));
  }

  private static List<Path> filesWithIt(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> found = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (hasIt(Files.readString(file, StandardCharsets.ISO_8859_1))) {
          found.add(file);
        }
      }
      return found;
    }
  }
}
