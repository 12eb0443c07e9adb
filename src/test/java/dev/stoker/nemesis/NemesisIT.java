package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes and a database, each node in a network namespace of its own, while nodes are killed,
 * stopped, paused and cut off. {@code -Dstoker.nemesis.seconds=600} for a long one, {@code
 * -Dstoker.nemesis.seed=…} for the same again.
 */
class NemesisIT {
  private static final int SECONDS = Integer.getInteger("stoker.nemesis.seconds", 60);
  private static final int CLIENTS = Integer.getInteger("stoker.nemesis.clients", 20);

  /** A node that is cut off is silent: most clients would wait for it all the time. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  @TempDir Path directory;

  /** For whoever has to find out why. */
  private static void keepLogs(TestCluster cluster, long seed) throws IOException {
    Path kept = Files.createDirectories(Path.of("target", "nemesis-" + seed));
    for (int i = 0; i < 3; i++) {
      Files.writeString(kept.resolve("node" + i + ".log"), cluster.node(i).history());
    }
  }

  @Test
  void shouldLoseNothingAndDoNothingTwice() throws Exception {
    long seed = Seed.ofRun("NemesisIT");
    Path log = directory.resolve("processes");
    StokerHome home = new StokerHome(directory);
    LoadTool.describe(home, log);
    try (TestCluster cluster =
        TestCluster.of(3, home).slots(6).withDatabase().withNamespaces().start()) {
      CountDownLatch over = new CountDownLatch(1);
      History history;
      try (ExecutorService thread = Executors.newSingleThreadExecutor();
          Load load = new Load(cluster, LoadMix.ofAll(), CLIENTS, seed, PATIENCE)) {
        Future<?> nemesis = thread.submit(new Nemesis(cluster, seed, over));
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        await()
            .atMost(Duration.ofSeconds(SECONDS + 30L))
            .failFast("the nemesis or a client has failed", () -> nemesis.isDone() || load.failed())
            .until(() -> System.nanoTime() > end);
        over.countDown();
        nemesis.get();
        history = load.end();
      }
      cluster.makeWhole();

      Report report = Checker.check(Inspection.of(cluster, history, log));

      System.out.println("NemesisIT seed " + seed + ": " + report);
      if (!report.violations().isEmpty()) {
        keepLogs(cluster, seed);
      }
      assertThat(report.violations()).as("seed %d: %s", seed, report).isEmpty();
      assertThat(report.counts()).containsKeys("ended succeeded", "accepted", "disturbances");
    }
  }
}
