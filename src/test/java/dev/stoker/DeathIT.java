package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A run that ends leaves no process, whatever its tool does; and no neighbour notices. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeathIT {
  private static final Duration GRACE = Duration.ofMillis(300);

  /** From the reason for the end to the death of the last process. */
  private static final Duration PROMISE = GRACE.plusSeconds(1);

  /** Forks in the tree below: 2^8 - 1. */
  private static final int BOMB = 255;

  /**
   * Once by a double fork, once by a session of its own: no TERM, no environment, the pipe held.
   */
  private static final String ESCAPES =
      """
      trap '' TERM
      (env -i /bin/sh -c 'trap "" TERM; echo forked >&2; while :; do /bin/sleep 3600.$0; done' "$1" &)
      (setsid env -i /bin/sh -c 'trap "" TERM; echo alone >&2; while :; do /bin/sleep 3600.$0; done' "$1" &)
      echo ready
      while :; do sleep 3600.$1; done
      """;

  private static final String BOMB_SCRIPT =
      """
      trap '' TERM
      if [ "$2" -gt 1 ]; then
        "$0" "$1" $(($2 - 1)) &
        setsid "$0" "$1" $(($2 - 1)) &
      fi
      exec sleep 3600.$1
      """;

  private StokerProcess stoker;
  private Http http;
  private String mark;
  private Neighbour neighbour;

  @BeforeAll
  void start(@TempDir Path directory) {
    StokerHome home = new StokerHome(directory).config("node: {slots: 8}");
    Neighbour.describe(home);
    describe(home, "stubborn", ESCAPES);
    describe(home, "patient", ESCAPES, "grace: 1500ms");
    describe(home, "bomb", BOMB_SCRIPT, "command: [\"@script@\", \"${params.mark}\", \"8\"]");
    describe(home, "frozen", "sleep 3600.$1 &\nkill -STOP 0");
    describe(home, "orphan", "setsid sleep 3600.$1 &\necho done");
    home.tool("name: sleep", "command: [sleep, '30']", "isolation: none");
    stoker = home.start();
    http = Http.of(stoker);
  }

  private static void describe(StokerHome home, String name, String script, String... keys) {
    String[] all = new String[keys.length + 3];
    System.arraycopy(keys, 0, all, 3, keys.length);
    all[0] = "parameters: {properties: {mark: {type: string}}, required: [mark]}";
    all[1] =
        List.of(keys).stream().anyMatch(key -> key.startsWith("command"))
            ? "stdin: none"
            : "command: [\"@script@\", \"${params.mark}\"]";
    all[2] =
        List.of(keys).stream().anyMatch(key -> key.startsWith("grace"))
            ? "description: it"
            : "grace: 300ms";
    home.script(name, script, all);
  }

  @BeforeEach
  void choose() {
    mark = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40, 1L << 41));
    neighbour = Neighbour.start(http);
  }

  @AfterEach
  void lookForTheDead() {
    neighbour.assertUntouched();
    await().until(() -> ProcessTable.childrenOf(stoker.pid()).isEmpty());
    assertThat(ProcessTable.zombiesOf(stoker.pid())).isEmpty();
  }

  @AfterAll
  void stop() {
    http.close();
    stoker.close();
  }

  @Test
  void shouldEndASleeperAtItsDeadline() {
    long begun = System.nanoTime();

    RunView run = http.run("sleep", "Stoker-Timeout", "1s").run();

    assertThat(since(begun)).isBetween(Duration.ofSeconds(1), PROMISE.plusSeconds(1));
    assertThat(run.state()).isEqualTo("timed_out");
    assertThat(run.reason()).isEqualTo("its deadline of 1s passed");
    assertThat(run.json().getString("signal")).isEqualTo("SIGTERM");
  }

  @Test
  void shouldLeaveNothingOfAToolThatEscapes() {
    long begun = System.nanoTime();

    RunView run = http.run("stubborn", marked(), "Stoker-Timeout", "2s").run();

    assertThat(ProcessTable.withArgument(mark)).isEmpty();
    assertThat(since(begun)).isBetween(Duration.ofSeconds(2), PROMISE.plusSeconds(2));
    assertThat(run.state()).isEqualTo("timed_out");
    assertThat(run.stdout()).as("its partial output is kept").isEqualTo("ready\n");
    assertThat(run.stderr().lines()).containsExactlyInAnyOrder("forked", "alone");
  }

  @Test
  void shouldLeaveNothingWhenTheCallerGoesAway() throws Exception {
    try (Wire _ =
        Wire.send(
            stoker.address(),
            "POST",
            "/v1/tools/stubborn/runs",
            new JsonObject().put("params", marked()).encode(),
            "Content-Type",
            "application/json")) {
      await().until(this::hasEscaped);
    }

    await()
        .atMost(PROMISE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> ProcessTable.withArgument(mark).isEmpty());
    await()
        .untilAsserted(
            () ->
                assertThat(http.get("/v1/runs?tool=stubborn&state=cancelled&limit=1").text())
                    .contains("the caller went away"));
  }

  @Test
  void shouldSayCancelledOnlyWhenAllAreDead() {
    String id = http.detached("patient", marked()).run().id();
    await().until(this::hasEscaped);

    Http.Answer answer = http.delete("/v1/runs/" + id);
    assertThat(answer.status()).isEqualTo(202);
    assertThat(answer.run().state()).isEqualTo("cancelling");
    Set<String> seen = new HashSet<>();
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              RunView run = http.find(id);
              seen.add(run.state());
              List<Long> alive = ProcessTable.withArgument(mark);
              assertThat(run.hasEnded() && !alive.isEmpty()).as("%s lives", alive).isFalse();
              return run.hasEnded();
            });

    assertThat(seen).containsExactlyInAnyOrder("cancelling", "cancelled");
    assertThat(http.delete("/v1/runs/" + id).status()).as("again").isEqualTo(200);
    assertThat(http.find(id).reason()).isEqualTo("cancelled by request");
  }

  @Test
  void shouldEndAForkBombWhole() {
    String id = http.detached("bomb", marked()).run().id();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ProcessTable.withArgument("3600." + mark).size() == BOMB);

    assertThat(http.delete("/v1/runs/" + id).status()).isEqualTo(202);

    assertThat(http.ended(id).state()).isEqualTo("cancelled");
    assertThat(ProcessTable.withArgument(mark)).isEmpty();
  }

  @Test
  void shouldEndAToolThatStopsItsOwnGroup() {
    long begun = System.nanoTime();

    RunView run = http.run("frozen", marked(), "Stoker-Timeout", "1s").run();

    assertThat(ProcessTable.withArgument(mark)).isEmpty();
    assertThat(since(begun)).isBetween(Duration.ofSeconds(1), PROMISE.plusSeconds(1));
    assertThat(run.state()).isEqualTo("timed_out");
  }

  @Test
  void shouldNotWaitForAnOrphanThatHoldsThePipe() {
    long begun = System.nanoTime();

    RunView run = http.run("orphan", marked()).run();

    assertThat(since(begun)).isLessThan(Duration.ofMillis(1500));
    assertThat(run.state()).isEqualTo("succeeded");
    assertThat(run.stdout()).isEqualTo("done\n");
    assertThat(ProcessTable.withArgument(mark)).isEmpty();
  }

  private JsonObject marked() {
    return new JsonObject().put("mark", mark);
  }

  /** The script, the two that got away, and what each of them sleeps in. */
  private boolean hasEscaped() {
    return ProcessTable.withArgument(mark).size() >= 6;
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }
}
