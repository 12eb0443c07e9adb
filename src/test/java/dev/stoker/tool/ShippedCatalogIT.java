package dev.stoker.tool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.stoker.config.Configuration;
import dev.stoker.config.Overrides;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.Principal;
import dev.stoker.run.StdStream;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Sandboxes;
import io.vertx.core.json.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each tool of {@code conf/tools} does what it says, with the real program. */
class ShippedCatalogIT {
  private static final Path DIRECTORY =
      Path.of(System.getProperty("stoker.home", "."), "conf", "tools");
  private static final byte[] NOTHING = {};

  private static final ProcessRunner RUNNER =
      ProcessRunner.open(new ProcessSettings(2, ProcessSettings.EngineChoice.NATIVE));
  private static final Sandboxes SANDBOXES =
      Sandboxes.open(
          new Configuration(Path.of(System.getProperty("stoker.home", ".")), 2)
              .load(new Overrides(null, null, null, null, null))
              .sandbox(),
          RUNNER);

  private final Catalog catalog = Catalog.check(TestSettings.in(DIRECTORY), SANDBOXES);

  @TempDir private Path work;

  @AfterAll
  static void close() {
    SANDBOXES.close();
    RUNNER.close();
  }

  private record Ended(int exitCode, byte[] stdout, String stderr) {
    String text() {
      return new String(stdout, StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldLoadWithoutAProblem() {
    assertThat(catalog.problems()).isEmpty();
    assertThat(catalog.tools())
        .extracting(Tool::name)
        .containsExactly(
            "echo",
            "gzip",
            "log-report",
            "sha256",
            "sleep",
            "thumbnail",
            "to-docx",
            "to-html",
            "transcode");
    assertThat(catalog.tools())
        .allSatisfy(
            tool -> {
              assertThat(tool.definition().description()).isNotBlank();
              assertThat(tool.definition().isolation())
                  .isEqualTo(ToolDefinition.Isolation.CONFINED);
            });
  }

  @Test
  void shouldEchoWhateverTheTextIs() throws Exception {
    Ended ended = run("echo", new JsonObject().put("text", "%d \\x41 $HOME 日本"), Map.of(), NOTHING);

    assertThat(ended.text()).isEqualTo("%d \\x41 $HOME 日本\n");
  }

  @Test
  void shouldSleep() throws Exception {
    assertThat(run("sleep", new JsonObject().put("seconds", 0.01), Map.of(), NOTHING).exitCode())
        .isZero();
  }

  @Test
  void shouldDigestStandardInputOrAFile() throws Exception {
    byte[] abc = "abc".getBytes(StandardCharsets.UTF_8);
    String digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    assertThat(run("sha256", new JsonObject(), Map.of(), abc).text()).startsWith(digest);
    assertThat(run("sha256", new JsonObject(), Map.of("file", abc), NOTHING).text())
        .startsWith(digest);
  }

  @Test
  void shouldCompressTheSameFromEither() throws Exception {
    byte[] text = "abc ".repeat(5000).getBytes(StandardCharsets.UTF_8);

    Ended fromStdin = run("gzip", new JsonObject().put("level", 9), Map.of(), text);
    Ended fromFile = run("gzip", new JsonObject().put("level", 9), Map.of("file", text), NOTHING);

    assertThat(fromStdin.stdout()).isEqualTo(fromFile.stdout());
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(fromFile.stdout()))) {
      assertThat(in.readAllBytes()).isEqualTo(text);
    }
  }

  @Test
  void shouldReportOnALog() throws Exception {
    String log =
        """
        10.0.0.1 - - [23/Nov/2026:10:00:00 +0000] "GET /index.html HTTP/1.1" 200 1024 "-" "curl/8"
        10.0.0.2 - bob [23/Nov/2026:10:00:01 +0000] "GET /a?x=1 HTTP/1.1" 404 12 "-" "Mozilla"
        10.0.0.1 - - [23/Nov/2026:10:00:02 +0000] "GET /index.html HTTP/1.1" 200 -
        this is none
        """;
    byte[] bytes = log.getBytes(StandardCharsets.UTF_8);
    String report =
        """
                   3  requests
                   1  lines that are none
                   2  clients
                1036  bytes

        by status
                   2  200
                   1  404

        by path
                   2  /index.html
        """;

    JsonObject top = new JsonObject().put("top", 1);
    assertThat(run("log-report", top, Map.of(), bytes).text()).isEqualTo(report);
    assertThat(run("log-report", top, Map.of("log", bytes), NOTHING).text()).isEqualTo(report);
  }

  @Test
  void shouldTranscode() throws Exception {
    assumeAvailable("transcode");
    Ended ended =
        run("transcode", new JsonObject().put("seconds", 1), Map.of("video", clip()), NOTHING);

    assertThat(ended.stderr()).isEmpty();
    assertThat(Files.readAllBytes(work.resolve("out.avi")))
        .startsWith("RIFF".getBytes(StandardCharsets.US_ASCII))
        .contains("AVI ".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void shouldNotReadWhatAPlaylistNames() throws Exception {
    assumeAvailable("transcode");
    Path secret = work.resolve("secret.mp4");
    Files.write(secret, clip());
    String playlist =
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9.0,\nfile://%s\n#EXT-X-ENDLIST\n"
            .formatted(secret);

    Ended ended =
        run(
            "transcode",
            new JsonObject(),
            Map.of("video", playlist.getBytes(StandardCharsets.UTF_8)),
            NOTHING);

    assertThat(ended.exitCode()).isNotZero();
    assertThat(ended.stderr()).contains("not on whitelist");
    assertThat(work.resolve("out.avi")).doesNotExist();
  }

  @Test
  void shouldMakeAThumbnail() throws Exception {
    assumeAvailable("thumbnail");
    JsonObject png = new JsonObject().put("from", "png").put("size", 32);
    run("thumbnail", png, Map.of("image", picture()), NOTHING);
    run("thumbnail", png.copy().put("to", "jpeg"), Map.of(), picture());

    BufferedImage small = ImageIO.read(work.resolve("out.png").toFile());
    assertThat(small.getWidth()).isEqualTo(32);
    assertThat(small.getHeight()).isEqualTo(16);
    assertThat(ImageIO.read(work.resolve("out.jpg").toFile()).getWidth()).isEqualTo(32);
  }

  @Test
  void shouldNotTakeAnSvgForAPicture() throws Exception {
    assumeAvailable("thumbnail");
    byte[] svg =
        "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
            .getBytes(StandardCharsets.UTF_8);

    Ended ended =
        run("thumbnail", new JsonObject().put("from", "png"), Map.of("image", svg), NOTHING);

    assertThat(ended.exitCode()).isNotZero();
    assertThat(work.resolve("out.png")).doesNotExist();
  }

  @Test
  void shouldConvertToHtml() throws Exception {
    assumeAvailable("to-html");
    byte[] document = "# A *b*".getBytes(StandardCharsets.UTF_8);
    run("to-html", new JsonObject().put("title", "T <x>"), Map.of("document", document), NOTHING);

    assertThat(Files.readString(work.resolve("out.html")))
        .contains("<title>T &lt;x&gt;</title>", "A <em>b</em></h1>");
  }

  @Test
  void shouldConvertToWordWithoutReadingWhatTheDocumentNames() throws Exception {
    assumeAvailable("to-docx");
    Path secret = work.resolve("secret.png");
    Files.write(secret, picture());
    String document = "# Hello\n\n![a picture](" + secret + ")\n";
    Ended ended =
        run("to-docx", new JsonObject(), Map.of(), document.getBytes(StandardCharsets.UTF_8));

    assertThat(ended.stderr()).isEmpty();
    List<String> names = new ArrayList<>();
    try (var zip = new java.util.zip.ZipFile(work.resolve("out.docx").toFile())) {
      zip.stream().forEach(entry -> names.add(entry.getName()));
    }
    assertThat(names).contains("word/document.xml").noneMatch(name -> name.contains("media"));
  }

  private void assumeAvailable(String tool) {
    assumeThat(catalog.find(tool).orElseThrow().availability())
        .isInstanceOf(Availability.Available.class);
  }

  private Ended run(String name, JsonObject parameters, Map<String, byte[]> inputs, byte[] stdin)
      throws IOException {
    Tool tool = catalog.find(name).orElseThrow();
    Invocation invocation = tool.bind(tool.check(parameters), inputs.keySet());
    for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
      Files.write(work.resolve(invocation.inputs().get(input.getKey())), input.getValue());
    }
    return start(tool, invocation, stdin);
  }

  private Ended start(Tool tool, Invocation invocation, byte[] stdin) {
    Map<String, String> environment = new HashMap<>(invocation.environment());
    environment.put("HOME", work.toString());
    environment.put("TMPDIR", work.toString());
    ProcessSpec spec =
        new ProcessSpec(
            "shipped-" + System.nanoTime(),
            ((Availability.Available) tool.availability()).executable(),
            invocation.argv(),
            environment,
            work,
            new StdinSource.Bytes(stdin),
            Duration.ofSeconds(1),
            Duration.ofMillis(250));
    Captured captured = new Captured();
    SANDBOXES.start(new Launch(tool, new Principal("test"), spec), captured);
    return captured.ended.orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** What a confined process wrote. */
  private static final class Captured implements ProcessListener {
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();

    @Override
    public void onStarted(long pid) {}

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      byte[] bytes = new byte[chunk.remaining()];
      chunk.get(bytes);
      (stream == StdStream.STDOUT ? stdout : stderr).writeBytes(bytes);
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd end) {
      int code = end.exit() instanceof Exit.Code(int exit) ? exit : -1;
      ended.complete(
          new Ended(code, stdout.toByteArray(), stderr.toString(StandardCharsets.UTF_8)));
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      ended.completeExceptionally(new IllegalStateException(failure.reason()));
    }
  }

  private byte[] clip() throws IOException, InterruptedException {
    Path clip = work.resolve("made.mp4");
    Process made =
        new ProcessBuilder(
                "/usr/bin/ffmpeg",
                "-nostdin",
                "-v",
                "error",
                "-y",
                "-f",
                "lavfi",
                "-i",
                "testsrc=duration=2:size=64x64:rate=5",
                clip.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readAllBytes(clip);
  }

  private byte[] picture() throws IOException {
    Path png = work.resolve("made.png");
    ImageIO.write(new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB), "png", png.toFile());
    return Files.readAllBytes(png);
  }
}
