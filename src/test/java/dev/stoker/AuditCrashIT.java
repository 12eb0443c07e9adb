package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a {@code kill -9} leaves of the audit log, and what a node writes by itself. */
@Tag("patient")
class AuditCrashIT {
  private static final int CALLERS = 4;
  private static final int RUNS_MAX = 500;

  @TempDir Path directory;

  @Test
  void shouldHaveToldOfWhateverWasAnsweredWhereThatIsRequired() throws Exception {
    StokerHome home =
        new StokerHome(directory)
            .config("http: {stall: 60s}", "audit: {required: true, maxSize: 8KiB, keep: 1000}")
            .script("quick", "exit 0");
    Queue<String> answered = new ConcurrentLinkedQueue<>();
    try (StokerProcess stoker = home.start();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      for (int i = 0; i < CALLERS; i++) {
        callers.execute(() -> call(stoker, answered));
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> answered.size() > 100);

      stoker.kill9();
    }

    Set<String> told = new HashSet<>();
    List<String> torn = new ArrayList<>();
    for (Path file : files(home)) {
      for (String line : Files.readAllLines(file)) {
        if (line.endsWith("}")) {
          told.add(new JsonObject(line).getString("run", ""));
        } else {
          torn.add(line);
        }
      }
    }
    assertThat(told).containsAll(answered);
    assertThat(torn).hasSizeLessThanOrEqualTo(1);
    assertThat(files(home)).hasSizeGreaterThan(2);
  }

  @Test
  void shouldTellOfItsStartAndOfNewCatalogsAndGoOnAfterItsStop() throws Exception {
    StokerHome home =
        new StokerHome(directory)
            .config("http: {stall: 60s}", "catalog: {watch: 50ms}")
            .script("quick", "exit 0");
    try (StokerProcess stoker = home.start()) {
      home.script("another", "exit 0");
      await().until(() -> actions(home).contains("catalog.reload"));
      stoker.terminate();
      stoker.exitCode();
    }
    try (StokerProcess stoker = home.start()) {
      await().until(() -> actions(home).size() > 3);
      assertThat(stoker.isAlive()).isTrue();
    }

    assertThat(actions(home))
        .startsWith("node.start", "catalog.reload")
        .containsSubsequence("node.stop", "node.start");
  }

  private static void call(StokerProcess stoker, Queue<String> answered) {
    try (Http http = Http.of(stoker)) {
      for (int i = 0; i < RUNS_MAX; i++) {
        answered.add(http.run("quick").run().id());
      }
    } catch (UncheckedIOException killed) {
      // What it is here for.
    }
  }

  private static List<String> actions(StokerHome home) throws Exception {
    List<String> actions = new ArrayList<>();
    for (Path file : files(home)) {
      for (String line : Files.readAllLines(file)) {
        actions.add(new JsonObject(line).getString("action"));
      }
    }
    return actions;
  }

  private static List<Path> files(StokerHome home) throws Exception {
    try (var files = Files.list(home.data().resolve("audit"))) {
      return files.sorted().toList();
    }
  }
}
