package dev.stoker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.EventReader.Event;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Much output, many readers, slow ones, large files: a small heap does for all of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamingIT {
  private static final long GIB = 1L << 30;
  private static final Duration LONG = Duration.ofMinutes(2);

  /** Heap, as much again for buffers beside it, and the JVM itself. */
  private static final long MEMORY_MAX = 400L << 20;

  /** A process may be so far ahead of a caller who takes nothing: pipe, window, socket buffers. */
  private static final long AHEAD_MAX = 32L << 20;

  private static final int READERS = 1000;
  private static final int LINES = 1000;

  private Path directory;
  private StokerHome home;
  private StokerProcess stoker;
  private Http http;

  @BeforeAll
  void start(@TempDir Path temporary) {
    directory = temporary;
    home = new StokerHome(directory).heap("96m").config("node: {slots: 8}", "http: {stall: 60s}");
    home.tool("name: flood", "command: [head, -c, '2147483648', /dev/zero]", "isolation: none");
    home.tool("name: endless", "command: [cat, /dev/zero]", "isolation: none", "grace: 300ms");
    home.tool(
        "name: digest",
        "command: [sha256sum, \"${inputs.file}\"]",
        "inputs: {file: {required: true, maxSize: 2GiB}}",
        "isolation: none");
    home.script(
        "log",
        "seq -f 'a line of a log, number %05g' "
            + LINES
            + "\nwhile [ ! -e \"$1\" ]; do sleep 0.05; done\n"
            + "seq -f 'a later line of a log, number %05g' "
            + LINES,
        "command: [\"@script@\", \"${params.go}\"]",
        "parameters: {properties: {go: {type: string}}, required: [go]}");
    home.script(
        "slowly", "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo \"line $i\"; sleep 0.005; done");
    Neighbour.describe(home);
    stoker = home.start();
    http = Http.of(stoker);
  }

  @AfterAll
  void stop() {
    http.close();
    stoker.close();
  }

  @Test
  void shouldStreamTwoGibibytesToACallerWhoIsSlowAtFirst() throws Exception {
    try (Wire wire = raw(stoker, "flood").head()) {
      assertThat(wire.status()).isEqualTo(200);
      assertThat(wire.header("content-type")).isEqualTo("application/octet-stream");
      assertThat(writtenWhenHeldUp("2147483648")).isBetween(1L, AHEAD_MAX);

      long bytes = 0;
      long most = 0;
      byte[] buffer = new byte[256 * 1024];
      try (InputStream body = wire.body()) {
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
          if (bytes >> 27 != (bytes + read) >> 27) {
            most = Math.max(most, ProcessTable.anonymousBytes(stoker.pid()));
          }
          bytes += read;
        }
      }

      System.out.println("StreamingIT 2 GiB of output: at most " + (most >> 20) + " MiB resident");
      assertThat(bytes).isEqualTo(2 * GIB);
      assertThat(wire.trailers())
          .containsEntry("stoker-run-state", "succeeded")
          .containsEntry("stoker-exit-code", "0");
      assertThat(most).isLessThan(MEMORY_MAX);
      RunView run = http.find(wire.header("stoker-run-id"));
      assertThat(run.state()).isEqualTo("succeeded");
      assertThat(run.stdoutBytes()).isEqualTo(2 * GIB);
    }
  }

  /** What a process had written when its reader took no more of it. */
  private static long writtenWhenHeldUp(String command) {
    long[] last = {-1};
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(LONG)
        .until(
            () -> {
              long before = last[0];
              last[0] =
                  ProcessTable.withArgument(command).stream()
                      .mapToLong(ProcessTable::writtenBytes)
                      .sum();
              return last[0] > 0 && last[0] == before;
            });
    return last[0];
  }

  @Test
  void shouldTellAThousandReadersEveryByte() throws Exception {
    Path go = directory.resolve("go");
    String first = lines("a line of a log, number %05d%n");
    String whole = first + lines("a later line of a log, number %05d%n");
    String id = http.detached("log", new JsonObject().put("go", go.toString())).run().id();
    CountDownLatch halfway = new CountDownLatch(READERS);
    Callable<String> reader =
        () -> {
          try (Wire wire =
                  Wire.get(stoker.address(), "/v1/runs/" + id + "/stdout?follow=true").head();
              InputStream body = wire.body()) {
            byte[] half = body.readNBytes(first.length());
            halfway.countDown();
            return new String(half, UTF_8) + new String(body.readAllBytes(), UTF_8);
          }
        };

    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> all = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        all.add(readers.submit(reader));
      }
      assertThat(halfway.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(http.find(id).state()).isEqualTo("running");
      Files.createFile(go);
      for (Future<String> one : all) {
        assertThat(one.get(LONG.toSeconds(), TimeUnit.SECONDS).equals(whole)).isTrue();
      }
    }
    assertThat(http.get("/v1/runs/" + id + "/stdout").text().equals(whole)).isTrue();
    assertThat(ProcessTable.anonymousBytes(stoker.pid())).isLessThan(MEMORY_MAX);
  }

  @Test
  void shouldLoseAndRepeatNothingForAReaderOfEventsWhoComesBack() throws Exception {
    String id = http.detached("slowly").run().id();
    StringBuilder text = new StringBuilder();
    List<String> states = new ArrayList<>();
    String last = "";
    int connections = 0;
    boolean ended = false;
    while (!ended) {
      connections++;
      assertThat(connections).isLessThan(1000);
      String[] headers = last.isEmpty() ? new String[0] : new String[] {"Last-Event-ID", last};
      try (Wire wire = Wire.get(stoker.address(), "/v1/runs/" + id + "/events", headers).head();
          EventReader events = new EventReader(wire.body())) {
        for (int i = 0; i < 5 && !ended; i++) {
          Event event = events.next();
          last = event.id();
          switch (event.name()) {
            case "stdout" -> {
              assertThat(event.data().getLong("offset")).isEqualTo(text.length());
              text.append(event.data().getString("text"));
            }
            case "state" -> states.add(event.data().getString("state"));
            case "end" -> ended = true;
            default -> assertThat(event.name()).isEqualTo("one of those above");
          }
        }
      }
    }

    assertThat(text.toString())
        .isEqualTo(
            IntStream.rangeClosed(1, 200)
                .mapToObj(i -> "line " + i + "\n")
                .collect(Collectors.joining()));
    assertThat(states).doesNotHaveDuplicates().endsWith("running", "succeeded");
    assertThat(connections).isGreaterThan(3);
  }

  @Test
  void shouldNotMindReadersWhoNeverRead() throws Exception {
    StokerHome other =
        new StokerHome(directory.resolve("other"))
            .heap("96m")
            .config("node: {slots: 4}", "http: {stall: 2s}")
            .tool("name: endless", "command: [cat, /dev/zero]", "isolation: none", "grace: 300ms");
    Neighbour.describe(other);
    List<Wire> never = new ArrayList<>();
    try (StokerProcess small = other.start();
        Http caller = Http.of(small)) {
      Neighbour neighbour = Neighbour.start(caller);
      for (int i = 0; i < 6; i++) {
        never.add(raw(small, "endless"));
      }

      neighbour.assertUntouched();
      // Cut off after the stall, whether they had a slot or waited for one.
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(
                          caller
                              .get("/v1/runs?tool=endless&state=cancelled")
                              .json()
                              .getJsonArray("runs"))
                      .hasSize(6));
      assertThat(ProcessTable.childrenOf(small.pid())).isEmpty();
      assertThat(ProcessTable.anonymousBytes(small.pid())).isLessThan(MEMORY_MAX);
    } finally {
      for (Wire wire : never) {
        wire.close();
      }
    }
  }

  @Test
  void shouldTakeAnUploadOfAGibibyte() throws Exception {
    Path large = directory.resolve("large");
    Process made =
        new ProcessBuilder(
                "sh",
                "-c",
                "head -c 1M /dev/urandom > \"$0\" && truncate -s 1G \"$0\" && sha256sum \"$0\"",
                large.toString())
            .start();
    String expected = new String(made.getInputStream().readAllBytes(), UTF_8).substring(0, 64);

    Http.Answer answer =
        http.post(
            "/v1/tools/digest/runs",
            new Multipart().file("file", large).body(),
            "Content-Type",
            Multipart.TYPE);

    assertThat(answer.status()).describedAs(answer.text()).isEqualTo(200);
    assertThat(answer.run().state()).isEqualTo("succeeded");
    assertThat(answer.run().stdout()).startsWith(expected);
    long resident = ProcessTable.anonymousBytes(stoker.pid());
    System.out.println("StreamingIT 1 GiB of input: " + (resident >> 20) + " MiB resident");
    assertThat(resident).isLessThan(MEMORY_MAX);
    Files.delete(large);
  }

  private static Wire raw(StokerProcess from, String tool) throws IOException {
    return Wire.send(
        from.address(),
        "POST",
        "/v1/tools/" + tool + "/runs",
        "{}",
        "Content-Type",
        "application/json",
        "Accept",
        "application/octet-stream");
  }

  private static String lines(String format) {
    return IntStream.rangeClosed(1, LINES)
        .mapToObj(format::formatted)
        .collect(Collectors.joining());
  }
}
