package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many runs in a row: nothing leaks. {@code -Dstoker.soak=100000} for the long one. */
class SoakIT {
  private static final int RUNS = Integer.getInteger("stoker.soak", 20_000);
  private static final int CLIENTS = 16;

  @TempDir Path directory;

  @Test
  void shouldLeaveNothingBehindAfterManyRuns() throws Exception {
    StokerHome home =
        new StokerHome(directory)
            .heap("96m")
            .tool(
                "name: say",
                "command: [echo, \"${params.text}\"]",
                "parameters: {properties: {text: {type: string}}, required: [text]}",
                "isolation: none");
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      say(http, RUNS / 4);
      await().atMost(Duration.ofSeconds(30)).until(() -> atRest(home));
      Footprint middle = Footprint.of(stoker);

      say(http, RUNS - RUNS / 4);
      await().atMost(Duration.ofSeconds(30)).until(() -> atRest(home));
      Footprint end = Footprint.of(stoker);

      System.out.println("SoakIT " + RUNS + " runs, " + middle + " then " + end);
      assertThat(ProcessTable.childrenOf(stoker.pid())).isEmpty();
      assertThat(ProcessTable.zombiesOf(stoker.pid())).isEmpty();
      assertThat(end.descriptors()).isLessThanOrEqualTo(middle.descriptors() + 2);
      assertThat(end.threads()).isLessThanOrEqualTo(middle.threads() + 2);
      assertThat(end.memory()).isLessThan(middle.memory() + (48L << 20));
      assertThat(stoker.errors()).doesNotContain(" ERROR ");
    }
  }

  private static void say(Http http, int runs) throws Exception {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      Future<?>[] all = new Future<?>[CLIENTS];
      for (int client = 0; client < CLIENTS; client++) {
        all[client] =
            clients.submit(
                () -> {
                  for (int i = next.getAndIncrement(); i < runs; i = next.getAndIncrement()) {
                    Http.Answer answer = http.run("say", new JsonObject().put("text", "n" + i));
                    assertThat(answer.status()).isEqualTo(200);
                    assertThat(answer.run().stdout()).isEqualTo("n" + i + "\n");
                  }
                });
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  /** No output of a run on disk, and no more work directories than are kept ready. */
  private static boolean atRest(StokerHome home) throws IOException {
    int ready = 2 * 4 * Math.max(1, Runtime.getRuntime().availableProcessors());
    return entries(home.data().resolve("spool")) == 0
        && entries(home.data().resolve("work")) <= ready;
  }

  private static long entries(Path path) throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.count();
    }
  }

  private record Footprint(int descriptors, int threads, long memory) {
    static Footprint of(StokerProcess stoker) {
      return new Footprint(
          ProcessTable.descriptors(stoker.pid()),
          ProcessTable.threads(stoker.pid()),
          ProcessTable.anonymousBytes(stoker.pid()));
    }
  }
}
