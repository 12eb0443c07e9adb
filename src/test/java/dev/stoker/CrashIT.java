package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of Stoker, and what the next one on the same data makes of it. */
@Tag("patient")
class CrashIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path directory;
  private StokerHome home;
  private Path trace;

  @BeforeEach
  void describeTools() {
    trace = directory.resolve("trace");
    home =
        new StokerHome(directory)
            .config("node: {slots: 4}", "http: {stall: 60s}")
            .script(
                "once", mark("once") + "setsid sleep 61 & sleep 61", "concurrency: {perNode: 1}")
            .script(
                "again",
                mark("again") + "test $(grep -c again " + trace + ") -gt 1 || sleep 61; echo made",
                "retry: {attempts: 3, on: [lost]}",
                "concurrency: {perNode: 1}")
            .script(
                "quick",
                mark("quick") + "echo made > made.txt; echo out",
                "outputs: {file: {path: made.txt, mediaType: text/plain}}",
                "concurrency: {perNode: 1}")
            .script(
                "short",
                "echo \"$1\" >> " + trace + "; sleep 0.02",
                "command: [\"@script@\", \"${params.id}\"]",
                "parameters: {properties: {id: {type: string}}, required: [id]}");
  }

  private String mark(String word) {
    return "echo " + word + " >> " + trace + "\n";
  }

  @Test
  void shouldGoOnWhereTheDeadOneStopped() throws Exception {
    Map<String, String> runs = new HashMap<>();
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      runs.put("finished", http.detached("quick").run().id());
      assertThat(http.ended(runs.get("finished")).state()).isEqualTo("succeeded");
      runs.put("once", http.detached("once").run().id());
      runs.put("again", http.detached("again").run().id());
      await().until(() -> traced("once") == 1 && traced("again") == 1);
      runs.put("waiting", http.detached("once").run().id());
      runs.put(
          "named",
          http.detached("quick", new JsonObject(), "Idempotency-Key", "the-key").run().id());
      assertThat(http.ended(runs.get("named")).state()).isEqualTo("succeeded");

      stoker.kill9();
      assertThat(ProcessTable.withArgument(home.script("once").toString())).isNotEmpty();
    }

    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      RunView finished = http.find(runs.get("finished"));
      assertThat(finished.state()).isEqualTo("succeeded");
      assertThat(finished.stdout()).isEqualTo("out\n");
      assertThat(http.get("/v1/runs/" + finished.id() + "/stdout").text()).isEqualTo("out\n");
      assertThat(http.get(finished.output("file").getString("href")).text()).isEqualTo("made\n");
      RunView once = http.ended(runs.get("once"));
      assertThat(once.state()).isEqualTo("lost");
      assertThat(once.reason()).contains("restarted");
      await()
          .until(
              () ->
                  metrics(stoker).contains("stoker_runs_total{state=\"lost\",tool=\"once\"} 1.0"));
      assertThat(metrics(stoker))
          .as("what nobody was refused yet")
          .contains("stoker_refusals_total{code=\"capacity_exceeded\",tool=\"once\"} 0.0");
      RunView again = http.ended(runs.get("again"));
      assertThat(again.state()).isEqualTo("succeeded");
      assertThat(again.attempt()).isEqualTo(2);
      assertThat(again.stdout()).isEqualTo("made\n");
      await().atMost(LONG).until(() -> http.find(runs.get("waiting")).state().equals("running"));
      assertThat(traced("once")).as("the lost one was not begun again").isEqualTo(2);
      assertThat(http.detached("quick", new JsonObject(), "Idempotency-Key", "the-key").run().id())
          .isEqualTo(runs.get("named"));

      assertThat(http.delete("/v1/runs/" + runs.get("waiting")).status()).isEqualTo(202);
      assertThat(http.ended(runs.get("waiting")).state()).isEqualTo("cancelled");
      assertThat(ProcessTable.withArgument(home.script("once").toString())).isEmpty();
      assertThat(ProcessTable.withArgument("sleep\00061")).isEmpty();
    }
  }

  private static String metrics(StokerProcess stoker) {
    try (Http management = new Http(stoker.management())) {
      return management.get("/metrics").text();
    }
  }

  @Test
  void shouldEndEveryAcceptedRunExactlyOnceWheneverItIsKilled() throws Exception {
    long seed = System.nanoTime();
    System.out.println("CrashIT seed " + seed);
    Random random = new Random(seed);
    List<String> accepted = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      accepted.addAll(killUnderLoad(500 + random.nextInt(1500)));
    }

    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker)) {
      Map<String, Integer> states = new HashMap<>();
      for (String id : accepted) {
        RunView run = http.ended(id);
        assertThat(run.state()).isIn("succeeded", "lost");
        states.merge(run.state(), 1, Integer::sum);
      }
      System.out.println("CrashIT accepted " + accepted.size() + ", ended " + states);
      assertThat(states.getOrDefault("succeeded", 0)).isPositive();
    }
    List<String> begun = Files.readAllLines(trace);
    assertThat(begun).as("nothing was begun twice").doesNotHaveDuplicates();
  }

  /** Those that were answered 202 before the kill. */
  private List<String> killUnderLoad(int millis) throws Exception {
    ConcurrentLinkedQueue<String> accepted = new ConcurrentLinkedQueue<>();
    AtomicBoolean over = new AtomicBoolean();
    try (StokerProcess stoker = home.start();
        Http http = Http.of(stoker);
        ExecutorService clients = Executors.newFixedThreadPool(8)) {
      for (int client = 0; client < 8; client++) {
        clients.execute(() -> submitUntil(over, http, accepted));
      }
      long end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
      await().pollInterval(Duration.ofMillis(10)).until(() -> System.nanoTime() > end);
      stoker.kill9();
      over.set(true);
    }
    return List.copyOf(accepted);
  }

  private static void submitUntil(
      AtomicBoolean over, Http http, ConcurrentLinkedQueue<String> accepted) {
    while (!over.get()) {
      try {
        String name = java.util.UUID.randomUUID().toString();
        Http.Answer answer = http.detached("short", new JsonObject().put("id", name));
        if (answer.status() == 202) {
          accepted.add(answer.run().id());
        }
      } catch (java.io.UncheckedIOException killed) {
        return;
      }
    }
  }

  private long traced(String word) throws IOException {
    if (!Files.exists(trace)) {
      return 0;
    }
    return Files.readAllLines(trace).stream().filter(word::equals).count();
  }
}
