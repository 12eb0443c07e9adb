package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tool that misbehaves ends with the reason why, and no neighbour notices. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NoisyNeighbourIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  private Path outside;
  private StokerHome home;
  private StokerProcess stoker;
  private Http http;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    outside = Files.createDirectory(directory.resolve("outside"));
    home = new StokerHome(directory).config("node: {slots: 8}");
    Neighbour.describe(home);
    home.tool(
        "name: shout",
        "command: [yes, aloud]",
        "limits: {stdout: 128KiB}",
        "grace: 300ms",
        "isolation: none");
    home.tool(
        "name: babble",
        "command: [yes, aloud]",
        "limits: {stdout: 128KiB, onExceed: truncate}",
        "grace: 300ms",
        "isolation: none");
    home.script("fill", "head -c 300M /dev/zero > filling\necho full\nwhile :; do sleep 1; done");
    home.script("litter", "seq 100000 | xargs touch\nmkdir -p a/b/c\nchmod 000 a/b\necho littered");
    home.script(
        "make",
        "outside=$2\n. \"$1\"",
        "command: [\"@script@\", \"${params.how}\", \"${params.outside}\"]",
        "parameters: {properties: {how: {type: string}, outside: {type: string}},"
            + " required: [how, outside]}",
        "outputs: {file: {path: sub/out.txt, mediaType: text/plain, maxSize: 1MiB}}");
    stoker = home.start();
    http = Http.of(stoker);
  }

  @AfterEach
  void lookIntoTheLog() {
    assertThat(stoker.errors()).doesNotContain(" ERROR ");
  }

  @AfterAll
  void stop() {
    http.close();
    stoker.close();
  }

  @Test
  void shouldEndAToolThatWritesWithoutEnd() {
    Neighbour neighbour = Neighbour.start(http);

    RunView run = http.run("shout").run();
    neighbour.assertUntouched();
    assertThat(run.state()).isEqualTo("output_limit");
    assertThat(run.reason()).isEqualTo("stdout exceeded its limit of 128KiB");
    Http.Answer kept = http.get("/v1/runs/" + run.id() + "/stdout");
    assertThat(kept.body()).hasSize(128 * 1024);
    assertThat(kept.text()).startsWith("aloud\naloud\n");
  }

  @Test
  void shouldLetAToolTalkOnThatMay() {
    Neighbour neighbour = Neighbour.start(http);

    RunView run = http.run("babble", "Stoker-Timeout", "1s").run();
    neighbour.assertUntouched();
    assertThat(run.state()).isEqualTo("timed_out");
    assertThat(run.json().getJsonObject("stdout").getBoolean("truncated")).isTrue();
    assertThat(run.stdoutBytes()).isEqualTo(128 * 1024);
    assertThat(http.get("/v1/runs/" + run.id() + "/stdout").body()).hasSize(128 * 1024);
  }

  @Test
  void shouldRemoveWhatFillsTheDisk() throws IOException {
    Neighbour neighbour = Neighbour.start(http);

    RunView run = http.run("fill", "Stoker-Timeout", "3s").run();
    neighbour.assertUntouched();
    assertThat(run.state()).isEqualTo("timed_out");
    await().atMost(LONG).until(() -> filesBelow(home.data().resolve("work")) == 0);
  }

  @Test
  void shouldRemoveALitterOfTinyFiles() {
    Neighbour neighbour = Neighbour.start(http);

    RunView run = http.run("litter").run();
    neighbour.assertUntouched();
    assertThat(run.stdout()).isEqualTo("littered\n");
    assertThat(run.state()).isEqualTo("succeeded");
    await().atMost(LONG).until(() -> filesBelow(home.data().resolve("work")) == 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          :                                         | is missing
          echo here > out.txt                       | is missing
          ln -s /etc/passwd sub/out.txt             | is a symbolic link; allowed: a regular file
          ln -s "$outside/there" sub/out.txt        | is a symbolic link; allowed: a regular file
          mkfifo sub/out.txt                        | is not a regular file
          mkdir sub/out.txt                         | is not a regular file
          rmdir sub; ln -s "$outside" sub; echo 1 > sub/out.txt   | leaves the work directory
          head -c 1048577 /dev/zero > sub/out.txt   | has 1048577 bytes; allowed: 1MiB
          """)
  void shouldSayWhyAnOutputIsNotTaken(String script, String why) throws IOException {
    RunView run = make(script);

    assertThat(run.state()).isEqualTo("failed");
    assertThat(run.reason()).isEqualTo("output 'file' (sub/out.txt) " + why);
    assertThat(run.json().getInteger("exitCode")).isZero();
    assertThat(run.json().getJsonObject("outputs")).isEmpty();
    assertThat(http.get("/v1/runs/" + run.id() + "/outputs/file").status()).isEqualTo(404);
  }

  @Test
  void shouldNotShareAFileWithAnybodyElse() throws IOException {
    Path mine = Files.writeString(outside.resolve("mine"), "mine");
    Files.setPosixFilePermissions(mine, PosixFilePermissions.fromString("rw-r-----"));

    RunView run = make("ln \"$outside/mine\" sub/out.txt");

    // A refusal would do as well as a copy; to give another's file away would not.
    if (run.state().equals("succeeded")) {
      Files.writeString(mine, "ours");
      assertThat(http.get(run.output("file").getString("href")).text()).isEqualTo("mine");
    } else {
      assertThat(run.reason()).contains("link");
    }
    assertThat(mine).exists();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(mine)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void shouldTakeOnlyWhatIsDeclared() throws IOException {
    RunView run = make("echo declared > sub/out.txt; echo more > sub/more.txt");

    assertThat(run.state()).isEqualTo("succeeded");
    assertThat(run.json().getJsonObject("outputs").fieldNames()).containsExactly("file");
    assertThat(http.get(run.output("file").getString("href")).text()).isEqualTo("declared\n");
    Http.Answer undeclared = http.get("/v1/runs/" + run.id() + "/outputs/more");
    assertThat(undeclared.status()).isEqualTo(404);
    assertThat(undeclared.json().getString("detail")).contains("'more'").endsWith("it has: file");
  }

  private RunView make(String script) throws IOException {
    Path how = Files.writeString(home.directory().resolve("how.sh"), script + "\n");
    return http.run(
            "make", new JsonObject().put("how", how.toString()).put("outside", outside.toString()))
        .run();
  }

  private static long filesBelow(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).count();
    } catch (IOException | java.io.UncheckedIOException changing) {
      return -1;
    }
  }
}
