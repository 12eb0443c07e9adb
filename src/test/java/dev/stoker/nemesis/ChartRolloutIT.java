package dev.stoker.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.Http;
import dev.stoker.Http.Answer;
import dev.stoker.ProcessTable;
import dev.stoker.StokerHome;
import dev.stoker.chart.Helm;
import dev.stoker.chart.Rendered;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rolling upgrade of all nodes and then a scale-in, under load, with what the chart says of a
 * pod's end. The callers are simple ones: a single 503, or a connection that breaks, is a failure.
 */
@Tag("patient")
class ChartRolloutIT {
  private static final Duration PROPAGATION = Duration.ofSeconds(1);
  private static final int MORE = 25;

  @TempDir Path directory;

  @Test
  void shouldFailNoRequestOfARollingUpgradeAndAScaleIn() throws Exception {
    Path programs = Files.createDirectory(directory.resolve("programs"));
    Rendered chart =
        Helm.fetch(programs)
            .template(
                "--set=postgresql.enabled=true,postgresql.host=db,postgresql.existingSecret=s",
                "--set=node.notice=2s,node.drain=20s,minReadySeconds=1",
                "--set=probes.readiness.periodSeconds=1");
    JsonObject node = new JsonObject(Rendered.yaml(chart.configuration()).path("node").toString());
    StokerHome home = new StokerHome(directory);
    LoadTool.describe(home, directory.resolve("processes"));
    try (TestCluster cluster =
            TestCluster.of(3, home)
                .slots(8)
                .nodes(
                    "notice: %s, drain: %s"
                        .formatted(node.getString("notice"), node.getString("drain")))
                .withDatabase()
                .start();
        ServiceProxy service = new ServiceProxy()) {
      Kubelet kubelet = new Kubelet(cluster, service, chart, PROPAGATION);
      for (int pod = 0; pod < cluster.size(); pod++) {
        kubelet.awaitAvailable(pod);
      }
      ServiceCallers callers = new ServiceCallers(service.address(), 5);
      try (callers) {
        // As a StatefulSet's controller does it: the highest first.
        for (int pod = cluster.size() - 1; pod >= 0; pod--) {
          awaitMore(callers);
          CompletableFuture<Answer> busy = busy(cluster, pod);
          Duration took = kubelet.delete(pod);
          assertThat(busy.join().run().state())
              .as("what ran longer than the notice")
              .isEqualTo("succeeded");
          assertThat(took).isGreaterThan(Duration.ofSeconds(2));
          cluster.restart(pod);
          kubelet.awaitAvailable(pod);
        }
        awaitMore(callers);
        kubelet.delete(2);
        awaitMore(callers);
      }

      assertThat(callers.failures()).isEmpty();
      try (Http http = new Http(service.address())) {
        assertThat(callers.accepted())
            .isNotEmpty()
            .allSatisfy(run -> assertThat(http.ended(run).state()).isEqualTo("succeeded"));
      }
      System.out.println(
          "ChartRolloutIT: "
              + callers.answered()
              + " requests, "
              + callers.accepted().size()
              + " of them 202, no failure");
    }
  }

  /** Somebody waits at the pod for a run that takes longer than its notice. */
  private static CompletableFuture<Answer> busy(TestCluster cluster, int pod) {
    CompletableFuture<Answer> busy =
        CompletableFuture.supplyAsync(
            () -> {
              try (Http http = cluster.http(pod)) {
                return http.run(
                    LoadTool.ONCE.label(),
                    new JsonObject().put("text", "busy" + pod).put("seconds", "4"));
              }
            });
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> !ProcessTable.withArgument("busy" + pod).isEmpty());
    return busy;
  }

  private static void awaitMore(ServiceCallers callers) {
    int until = callers.answered() + MORE;
    await().atMost(Duration.ofSeconds(60)).until(() -> callers.answered() >= until);
  }
}
