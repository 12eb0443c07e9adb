package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerHome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of load, kill and check, on a node that is alone. */
@Tag("patient")
class LoneNodeIT {
  @TempDir Path directory;

  @Test
  void shouldKeepItsPromisesWhenItIsKilledPausedAndStopped() throws Exception {
    long seed = Seed.ofRun("LoneNodeIT");
    Path log = directory.resolve("processes");
    StokerHome home = new StokerHome(directory);
    LoadTool.describe(home, log);
    try (TestCluster cluster = TestCluster.of(1, home).lone().slots(6).start()) {
      History history;
      try (Load load = new Load(cluster, LoadMix.ofAll(), 6, seed)) {
        await().atMost(Duration.ofSeconds(30)).until(() -> load.reached(100));
        cluster.kill9(0);
        cluster.restart(0);
        cluster.node(0).awaitReady();
        await().atMost(Duration.ofSeconds(30)).until(() -> load.reached(300));
        cluster.pause(0);
        cluster.resume(0);
        assertThat(cluster.terminate(0)).as("ended by SIGTERM, in order").isEqualTo(143);
        cluster.restart(0);
        cluster.node(0).awaitReady();
        await().atMost(Duration.ofSeconds(30)).until(() -> load.reached(500));
        cluster.kill9(0);
        history = load.end();
      }
      cluster.makeWhole();

      Report report = Checker.check(Inspection.of(cluster, history, log));

      System.out.println("LoneNodeIT seed " + seed + ": " + report);
      assertThat(report.violations()).as(report.toString()).isEmpty();
      assertThat(report.counts().get("ended succeeded")).isPositive();
    }
  }
}
