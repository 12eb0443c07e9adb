package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.Http.Answer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Python functions over HTTP, served by the host that Stoker ships. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PythonWorkerIT {
  private static final Path REPOSITORY =
      Path.of(System.getProperty("stoker.home", ".")).toAbsolutePath().normalize();
  private static final Path HOST = REPOSITORY.resolve("lib/python/stoker_worker.py");
  private static final String FUNCTIONS =
      """
      import json, os, sys, subprocess, time
      print("loading")
      loaded = os.getpid()

      def pid(): return str(loaded)
      def shout(text, mark="!"): print("printed"); return text.upper() + mark
      def rich(**named): return {"got": named, "list": [1, None]}
      def raw(): return b"bytes \\xff"
      def fail(): raise ValueError("of no use")
      def leave(code): sys.exit(int(code))
      def stray():
          os.write(1, b"stray\\n")
          subprocess.run(["echo", "child"], check=True)
          sys.__stdout__.write("old\\n"); sys.__stdout__.flush()
          return "clean " + str(sys.stdin.read() == "")
      def hang(): time.sleep(1000)
      def where(directory): return os.path.basename(directory) + " " + str(os.path.isdir(directory))
      def surrogate(): return "\\ud800"
      def call(name, *arguments):
          named = json.loads(arguments[0]) if name == "rich" else {}
          return globals()[name](*([] if named else arguments), **named)
      """;

  private Path functions;
  private StokerProcess stoker;
  private Http http;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    functions = Files.writeString(directory.resolve("functions.py"), FUNCTIONS);
    StokerHome home = new StokerHome(directory);
    Path example = REPOSITORY.resolve("examples/python-worker/words.yaml");
    Files.writeString(
        home.catalog().resolve("words.yaml"),
        Files.readString(example).replace("/opt/stoker", REPOSITORY.toString()));
    tool(home, "one", "call", "");
    tool(home, "several", "call", ", multiplex: 4");
    tool(home, "where", "where", ", multiplex: 4");
    home.tool(
        "name: rich",
        "isolation: none",
        "command: [f, \"--json=${params.json}\"]",
        "parameters: {properties: {json: {type: string}}, required: [json]}",
        "worker:",
        "  protocol: bazel-json",
        "  command: [python3, " + HOST + ", \"" + functions + ":rich\"]");
    stoker = home.start();
    http = Http.of(stoker);
  }

  private void tool(StokerHome home, String name, String function, String worker) {
    home.tool(
        "name: " + name,
        "isolation: none",
        "command: [f, {each: params.words, then: [\"${item}\"]}]",
        "parameters: {properties: {words: {type: array, items: {type: string}}}}",
        "timeout: {default: 20s}",
        "grace: 200ms",
        "worker:",
        "  protocol: bazel-json",
        "  command: [python3, " + HOST + ", \"" + functions + ":" + function + "\"]",
        "  max: 2" + worker.replaceFirst("^, ", "\n  "));
  }

  @AfterAll
  void stop() {
    http.close();
    stoker.close();
  }

  private RunView call(String tool, String... words) {
    return run(tool, words).run();
  }

  private Answer run(String tool, String... words) {
    return http.run(tool, new JsonObject().put("words", new JsonArray(List.of(words))));
  }

  @Test
  void shouldServeTheExample(@TempDir Path directory) throws IOException {
    Path text = Files.writeString(directory.resolve("text"), "the cat and the dog and the bird");

    for (int i = 1; i <= 3; i++) {
      Multipart form = new Multipart().field("top", i).file("text", text);
      RunView run =
          http.post("/v1/tools/words/runs", form.body(), "Content-Type", Multipart.TYPE).run();

      assertThat(run.state()).isEqualTo("succeeded");
      assertThat(new JsonArray(run.stdout())).hasSize(i);
      assertThat(new JsonArray(run.stdout()).getJsonObject(0))
          .isEqualTo(new JsonObject().put("word", "the").put("count", 3));
      String href = run.json().getJsonObject("outputs").getJsonObject("all").getString("href");
      assertThat(http.get(href).text()).isEqualTo("and\nbird\ncat\ndog\nthe\n");
    }
  }

  @Test
  void shouldGiveWhatAFunctionPrintsAndReturns() {
    assertThat(call("one", "shout", "hey").stdout()).isEqualTo("printed\nHEY!");
    assertThat(call("one", "shout", "hey", "?").stdout()).isEqualTo("printed\nHEY?");
    assertThat(call("one", "raw").stdout()).isEqualTo("bytes \ufffd");
    assertThat(
            new JsonObject(
                http.run("rich", new JsonObject().put("json", "{\"a\": [1]}")).run().stdout()))
        .isEqualTo(new JsonObject("{\"got\": {\"a\": [1]}, \"list\": [1, null]}"));
    assertThat(call("one", "surrogate").state()).isEqualTo("succeeded");
  }

  @Test
  void shouldLoadTheModuleOnce() {
    String pid = call("one", "pid").stdout();

    for (int i = 0; i < 10; i++) {
      assertThat(call("one", "pid").stdout()).isEqualTo(pid);
    }
  }

  @Test
  void shouldTellAnExceptionAndAnExit() {
    RunView failed = call("one", "fail");
    RunView left = call("one", "leave", "7");

    assertThat(failed.json().getInteger("exitCode")).isEqualTo(1);
    assertThat(failed.stdout()).contains("Traceback").contains("ValueError: of no use");
    assertThat(left.json().getInteger("exitCode")).isEqualTo(7);
    assertThat(call("one", "pid").state()).as("it lives on").isEqualTo("succeeded");
  }

  @Test
  void shouldKeepStrayOutputOutOfTheProtocol() {
    assertThat(call("one", "stray").stdout()).isEqualTo("clean True");
    assertThat(call("several", "stray").stdout()).isEqualTo("clean True");
  }

  @Test
  void shouldGiveEachOfSeveralRequestsItsOwnOutputAndDirectory() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<RunView>> shouted = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String word = "w" + i;
        shouted.add(threads.submit(() -> call("several", "shout", word)));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(shouted.get(i).get().stdout()).isEqualTo("printed\nW" + i + "!");
      }
    }
    assertThat(call("where").stdout()).matches("r\\d+ True");
  }

  @Test
  void shouldEndAFunctionThatHangsAsTimedOut() {
    String pid = call("one", "pid").stdout();
    Answer hung =
        http.run(
            "one",
            new JsonObject().put("words", new JsonArray().add("hang")),
            "Stoker-Timeout",
            "1s");

    assertThat(hung.run().state()).isEqualTo("timed_out");
    assertThat(call("one", "pid").stdout()).isNotEqualTo(pid);
  }

  @Test
  void shouldRefuseAValueOfTwoLines() {
    Answer refused = run("one", "shout", "a\nb");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).contains("U+000A").contains("words[1]");
  }

  @Test
  void shouldRunAFunctionOnceWithoutTheFlag(@TempDir Path directory) throws Exception {
    Path arguments = Files.writeString(directory.resolve("flags"), "shout\nlow\n");
    Process process =
        new ProcessBuilder("python3", HOST.toString(), functions + ":call", "@" + arguments)
            .redirectErrorStream(false)
            .start();

    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .endsWith("printed\nLOW!");
    assertThat(process.waitFor()).isZero();
  }
}
