package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerHome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All nodes of a cluster with a database are killed at once, under load, and started again. */
class TotalLossIT {
  private static final Duration LOADED_MAX = Duration.ofSeconds(60);
  private static final int EVENTS = 300;

  @TempDir Path directory;

  @Test
  void shouldLoseNothingThatWasAccepted() throws Exception {
    long seed = Seed.ofRun("TotalLossIT");
    Path log = directory.resolve("processes");
    StokerHome home = new StokerHome(directory);
    LoadTool.describe(home, log);
    try (TestCluster cluster = TestCluster.of(3, home).slots(4).withDatabase().start()) {
      History history;
      try (Load load = new Load(cluster, LoadMix.ofAll(), 8, seed)) {
        await().atMost(LOADED_MAX).until(() -> load.reached(EVENTS));
        cluster.killAll();
        for (int i = 0; i < cluster.size(); i++) {
          cluster.restart(i);
        }
        for (int i = 0; i < cluster.size(); i++) {
          cluster.node(i).awaitReady();
        }
        int again = load.history().answered() + EVENTS;
        await().atMost(LOADED_MAX).until(() -> load.reached(again));
        history = load.end();
      }

      Report report = Checker.check(Inspection.of(cluster, history, log));

      System.out.println("TotalLossIT seed " + seed + ": " + report);
      assertThat(report.violations()).as("seed %d: %s", seed, report).isEmpty();
      assertThat(report.counts()).containsKeys("ended succeeded", "accepted");
    }
  }
}
