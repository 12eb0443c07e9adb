package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerHome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each node is asked to stop and started again, one after the other, under load. */
class RollingRestartIT {
  private static final Duration LOADED_MAX = Duration.ofSeconds(60);
  private static final int EVENTS = 150;

  @TempDir Path directory;

  @Test
  void shouldFailNoSynchronousRequest() throws Exception {
    long seed = Seed.ofRun("RollingRestartIT");
    Path log = directory.resolve("processes");
    StokerHome home = new StokerHome(directory);
    LoadTool.describe(home, log);
    try (TestCluster cluster = TestCluster.of(3, home).slots(6).withDatabase().start()) {
      History history;
      try (Load load = new Load(cluster, LoadMix.ofSync(), 6, seed)) {
        for (int i = 0; i < cluster.size(); i++) {
          awaitMore(load);
          assertThat(cluster.terminate(i)).as("ended by SIGTERM, in order").isEqualTo(143);
          awaitMore(load);
          cluster.restart(i);
          cluster.node(i).awaitReady();
        }
        awaitMore(load);
        history = load.end();
      }

      Report report = Checker.check(Inspection.of(cluster, history, log));

      System.out.println("RollingRestartIT seed " + seed + ": " + report);
      assertThat(history.failures()).as("seed %d", seed).isEmpty();
      assertThat(report.violations()).as("seed %d: %s", seed, report).isEmpty();
    }
  }

  private static void awaitMore(Load load) {
    int until = load.history().answered() + EVENTS;
    await().atMost(LOADED_MAX).until(() -> load.reached(until));
  }
}
