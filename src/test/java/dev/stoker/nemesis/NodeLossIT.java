package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.Http;
import dev.stoker.RunView;
import dev.stoker.StokerHome;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One node of three is killed: what it had promised is kept by the others. */
@Tag("patient")
class NodeLossIT {
  private static final Duration PROMISED = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void shouldKeepWithADatabase() throws Exception {
    keepsWhatALostNodePromised(new ClusterPlan(3, new StokerHome(directory)).withDatabase());
  }

  @Test
  void shouldKeepWithBackupsInMemory() throws Exception {
    keepsWhatALostNodePromised(new ClusterPlan(3, new StokerHome(directory)).minimumMembers(2));
  }

  private void keepsWhatALostNodePromised(ClusterPlan plan) throws Exception {
    Path go = directory.resolve("go");
    Path begun = directory.resolve("begun");
    describe(new StokerHome(directory), begun, go);
    try (TestCluster cluster = plan.slots(3).start();
        Http first = cluster.http(0);
        Http second = cluster.http(1);
        Http third = cluster.http(2)) {
      List<String> once = new ArrayList<>();
      List<String> again = new ArrayList<>();
      // More than nine slots take, so that each node has both kinds and runs wait at the first.
      for (int i = 0; i < 6; i++) {
        once.add(detached(first, "once"));
        again.add(detached(first, "again"));
      }
      await().atMost(LONG).until(() -> Files.readAllLines(begun).size() >= 9);
      List<String> onceThere = runningAt(cluster, second, once, 0);
      List<String> againThere = runningAt(cluster, second, again, 0);
      List<String> waiting = new ArrayList<>();
      once.stream().filter(run -> second.find(run).state().equals("queued")).forEach(waiting::add);
      again.stream().filter(run -> second.find(run).state().equals("queued")).forEach(waiting::add);
      List<String> elsewhere = new ArrayList<>(runningAt(cluster, second, once, 1));
      elsewhere.addAll(runningAt(cluster, second, once, 2));
      assertThat(elsewhere).as("some run on the others").isNotEmpty();
      assertThat(onceThere.size() + againThere.size()).as("some run on the first").isPositive();
      assertThat(waiting).as("some wait").isNotEmpty();

      cluster.kill9(0);

      await()
          .atMost(PROMISED)
          .untilAsserted(
              () -> {
                for (String run : onceThere) {
                  assertThat(second.find(run).state()).isEqualTo("lost");
                  assertThat(third.find(run).state()).isEqualTo("lost");
                }
                for (String run : againThere) {
                  assertThat(second.find(run).state()).isIn("queued", "running");
                }
                for (String run : waiting) {
                  assertThat(second.find(run).state()).isIn("queued", "running");
                }
              });
      Files.writeString(go, "go");
      for (String run : againThere) {
        RunView ended = second.ended(run);
        assertThat(ended.state()).isEqualTo("succeeded");
        assertThat(ended.attempt()).isEqualTo(2);
        assertThat(third.ended(run).stdout()).isEqualTo(ended.stdout());
      }
      for (String run : waiting) {
        assertThat(third.ended(run).state()).isEqualTo("succeeded");
        assertThat(timesBegun(begun, run)).isEqualTo(1);
      }
      for (String run : onceThere) {
        assertThat(timesBegun(begun, run)).isEqualTo(1);
      }
      // Their home is gone, and they are not: a survivor answers for them.
      for (String run : elsewhere) {
        assertThat(third.ended(run).state()).isEqualTo("succeeded");
        assertThat(timesBegun(begun, run)).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldTakeOverEveryRunWithinFiveSeconds() throws Exception {
    StokerHome home = new StokerHome(directory);
    Path log = directory.resolve("processes");
    LoadTool.describe(home, log);
    try (TestCluster cluster = TestCluster.of(3, home).slots(4).withDatabase().start();
        Http first = cluster.http(0);
        Http second = cluster.http(1)) {
      List<String> runs = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        JsonObject parameters = new JsonObject().put("seconds", "0.5");
        runs.add(first.detached(LoadTool.AGAIN.label(), parameters).run().id());
      }

      cluster.kill9(0);

      Database database = cluster.database().orElseThrow();
      assertThat(Book.unfinishedOf(database, cluster.node(0).name())).isPositive();
      await()
          .atMost(PROMISED)
          .until(() -> Book.unfinishedOf(database, cluster.node(0).name()) == 0);
      for (String run : runs) {
        assertThat(second.ended(run).state()).isEqualTo("succeeded");
      }
    }
  }

  /** Both write their run down and wait for the file {@code go}. */
  private static void describe(StokerHome home, Path begun, Path go) throws Exception {
    Files.writeString(begun, "");
    String text =
        "echo $STOKER_RUN >>" + begun + "\nwhile [ ! -e " + go + " ]; do sleep 0.1; done\necho $$";
    home.script("once", text);
    home.script("again", text, "retry: {attempts: 3, on: [lost]}");
  }

  private static String detached(Http http, String tool) {
    Http.Answer answer = http.detached(tool);
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.run().id();
  }

  private static List<String> runningAt(
      TestCluster cluster, Http http, List<String> runs, int node) {
    return runs.stream()
        .filter(
            run -> {
              JsonObject json = http.find(run).json();
              return json.getString("state").equals("running")
                  && cluster.nodeOf(json.getString("node")) == node;
            })
        .toList();
  }

  private static long timesBegun(Path begun, String run) throws Exception {
    return Files.readAllLines(begun).stream().filter(line -> line.endsWith("/" + run)).count();
  }
}
