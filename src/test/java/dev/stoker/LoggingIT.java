package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the log of a node, in either form. */
class LoggingIT {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";

  @TempDir Path directory;

  private StokerHome home(String log) {
    return new StokerHome(directory)
        .config("node: {name: here}", "http: {stall: 60s}", log)
        .script("good", "echo hello")
        .script("bad", "echo hello; exit 3");
  }

  @Test
  void shouldTellOfEachRunInFieldsOfTheirOwnAsJson() {
    try (StokerProcess stoker = home("log: {format: json, runs: all, requests: true}").start();
        Http http = Http.of(stoker)) {
      String good = http.run("good", new JsonObject(), "traceparent", PARENT).run().id();
      String bad = http.run("bad", new JsonObject(), "traceparent", PARENT).run().id();
      await().until(() -> ends(stoker).size() == 2);

      JsonObject line = end(stoker, good);
      assertThat(line.getString("level")).isEqualTo("DEBUG");
      assertThat(line.getString("message")).isEqualTo("run ended");
      assertThat(line.getString("trace")).isEqualTo(TRACE);
      assertThat(line.getString("tool")).isEqualTo("good");
      assertThat(line.getString("principal")).isEqualTo("anonymous");
      assertThat(line.getString("node")).startsWith("here-").isEqualTo(line.getString("executor"));
      assertThat(line.getString("outcome")).isEqualTo("succeeded");
      assertThat(line.getInteger("attempt")).isEqualTo(1);
      assertThat(line.getLong("stdoutBytes")).isEqualTo(6);
      assertThat(line.fieldNames())
          .contains("queueMillis", "startMillis", "executionMillis", "stderrBytes", "outputBytes");

      line = end(stoker, bad);
      assertThat(line.getString("level")).isEqualTo("INFO");
      assertThat(line.getString("outcome")).isEqualTo("failed");
      assertThat(line.getInteger("exitCode")).isEqualTo(3);
      assertThat(line.getString("reason")).isNotEmpty();

      await().until(() -> requests(stoker).size() == 2);
      assertThat(requests(stoker))
          .allSatisfy(
              request -> {
                assertThat(request.getString("method")).isEqualTo("POST");
                assertThat(request.getInteger("status")).isEqualTo(200);
                assertThat(request.getString("trace")).isEqualTo(TRACE);
              })
          .extracting(request -> request.getString("run"))
          .containsExactly(good, bad);
    }
  }

  @Test
  void shouldTellOfBadEndsOnlyInAShortSuffixUnlessAsked() {
    try (StokerProcess stoker = home("log: {}").start();
        Http http = Http.of(stoker)) {
      http.run("good", new JsonObject());
      String bad = http.run("bad", new JsonObject(), "traceparent", PARENT).run().id();
      await().until(() -> stoker.errors().contains("run ended"));

      List<String> lines =
          stoker.errors().lines().filter(line -> line.contains("run ended")).toList();
      assertThat(lines).hasSize(1);
      assertThat(lines.getFirst())
          .contains(
              " INFO ",
              "run=\"" + bad + "\" trace=\"" + TRACE + "\" tool=\"bad\" principal=\"anonymous\"",
              "outcome=\"failed\"",
              "exitCode=\"3\"",
              "node=\"here-");
      assertThat(stoker.errors()).doesNotContain("method=");
    }
  }

  private static JsonObject end(StokerProcess stoker, String run) {
    return ends(stoker).stream()
        .filter(line -> run.equals(line.getString("run")))
        .findFirst()
        .orElseThrow();
  }

  private static List<JsonObject> ends(StokerProcess stoker) {
    return lines(stoker, "dev.stoker.runs");
  }

  private static List<JsonObject> requests(StokerProcess stoker) {
    return lines(stoker, "dev.stoker.requests");
  }

  private static List<JsonObject> lines(StokerProcess stoker, String logger) {
    return stoker
        .errors()
        .lines()
        .map(LoggingIT::json)
        .filter(line -> logger.equals(line.getString("logger_name")))
        .toList();
  }

  /** The last line may be half written. */
  private static JsonObject json(String line) {
    try {
      return new JsonObject(line);
    } catch (DecodeException e) {
      return new JsonObject();
    }
  }
}
