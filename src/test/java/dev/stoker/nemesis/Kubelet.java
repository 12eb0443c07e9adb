package dev.stoker.nemesis;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.chart.Rendered;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Does to the nodes of a cluster what Kubernetes does to pods that have the chart's specification:
 * their preStop, their signals, their grace, their probes, and the Service's endpoints, late as
 * those are. Confined to one thread.
 */
final class Kubelet {
  private final TestCluster cluster;
  private final ServiceProxy service;
  private final Duration propagation;
  private final Duration grace;
  private final Duration minReady;
  private final Duration readinessPeriod;
  private final JsonNode preStop;

  /**
   * @param propagation how much later than a pod's end begins its last new connection comes
   */
  Kubelet(TestCluster cluster, ServiceProxy service, Rendered chart, Duration propagation) {
    this.cluster = cluster;
    this.service = service;
    this.propagation = propagation;
    this.grace = seconds(chart.pod().path("terminationGracePeriodSeconds"));
    this.minReady = seconds(chart.one("StatefulSet").at("/spec/minReadySeconds"));
    JsonNode readiness = chart.container().path("readinessProbe");
    assertThat(readiness.at("/httpGet/path").asText()).isEqualTo("/health/ready");
    this.readinessPeriod = seconds(readiness.path("periodSeconds"));
    this.preStop = chart.container().at("/lifecycle/preStop");
  }

  private static Duration seconds(JsonNode number) {
    assertThat(number.isInt()).as("seconds, as the chart says them: %s", number).isTrue();
    return Duration.ofSeconds(number.asInt());
  }

  /** Looks at a pod as its readiness probe does, and sends it traffic once it is ready. */
  void awaitAvailable(int pod) {
    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(readinessPeriod)
        .until(cluster.node(pod)::isReady);
    service.add(cluster.node(pod).address());
    await().pollDelay(minReady).until(cluster.node(pod)::isReady);
  }

  /**
   * Takes a pod away: the endpoint goes while the pod is told to end, and what has not ended when
   * its grace is over is killed.
   *
   * @return how long it took
   */
  Duration delete(int pod) {
    TestNode node = cluster.node(pod);
    Executor later = CompletableFuture.delayedExecutor(propagation.toMillis(), MILLISECONDS);
    CompletableFuture<Void> gone =
        CompletableFuture.runAsync(() -> service.remove(node.address()), later);
    long began = System.nanoTime();
    assertThat(preStop.isMissingNode())
        .as("the chart has Stoker give notice itself: a preStop has to be played here too")
        .isTrue();
    int code = cluster.terminate(pod);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    gone.join();
    assertThat(code).as("ended by SIGTERM, in order").isEqualTo(143);
    assertThat(took).as("within terminationGracePeriodSeconds, or it is killed").isLessThan(grace);
    return took;
  }
}
