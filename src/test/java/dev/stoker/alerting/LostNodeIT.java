package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes, Prometheus, Alertmanager and what is shipped for them: a node is killed. */
@Tag("patient")
class LostNodeIT {
  /** A minute of the shipped files is six seconds. */
  private static final int TIMES = 10;

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final List<String> NAMES = List.of("alpha", "beta", "gamma");

  @TempDir Path directory;

  @Test
  void shouldPageOnceForANodeThatIsKilledAndSayWhenItIsBack() throws Exception {
    String network =
        "127.%d.%d."
            .formatted(
                ThreadLocalRandom.current().nextInt(1, 250),
                ThreadLocalRandom.current().nextInt(250));
    List<String> addresses = List.of(network + 2, network + 3, network + 4);
    String cluster = "test-" + UUID.randomUUID();
    List<Watched> nodes = new ArrayList<>();
    try (Pager pager = new Pager()) {
      for (int i = 0; i < NAMES.size(); i++) {
        nodes.add(new Watched(directory, NAMES.get(i), addresses.get(i), addresses, cluster));
      }
      nodes.forEach(Watched::awaitServing);
      List<String> targets = nodes.stream().map(Watched::target).toList();
      try (Watch watch = new Watch(directory.resolve("watch"), network + 9, TIMES, targets, pager);
          Caller caller = new Caller(nodes.getFirst().api())) {
        watchTheLoss(nodes.get(1), watch, pager);
        assertThat(caller.succeeded()).isGreaterThan(50);
      }
    } finally {
      nodes.forEach(Watched::close);
    }
  }

  private static void watchTheLoss(Watched beta, Watch watch, Pager pager) {
    awaitValue(watch, "sum(up{job=\"stoker\"})", 3);
    awaitValue(watch, "min(stoker_cluster_nodes)", 3);
    assertThat(pager.messages("on-call")).isEmpty();

    long killed = System.nanoTime();
    beta.kill9();

    await().atMost(SOON).until(() -> !pager.messages("on-call").isEmpty());
    Pager.Message page = pager.messages("on-call").getFirst();
    assertThat(page.status()).isEqualTo("firing");
    assertThat(page.alerts()).hasSize(1);
    assertThat(page.body().getJsonObject("commonLabels").getMap())
        .containsEntry("alertname", "StokerNodeLost")
        .containsEntry("instance", "beta")
        .containsEntry("severity", "page")
        .containsEntry("cluster", "media");
    assertThat(annotation(page, "summary")).startsWith("Node beta is lost");
    assertThat(annotation(page, "runbook_url")).endsWith("/StokerNodeLost.md");

    // What follows from it has rung too, and Alertmanager has it, and says it to nobody.
    await().atMost(SOON).until(() -> watch.inhibited().contains("StokerMemberMissing"));
    assertThat(watch.firing()).contains("StokerNodeLost", "StokerMemberMissing");

    beta.startAgain();

    await()
        .atMost(SOON)
        .until(() -> pager.messages("on-call").getLast().status().equals("resolved"));
    assertThat(pager.messages("on-call"))
        .hasSize(2)
        .allSatisfy(
            message -> {
              assertThat(message.alerts()).hasSize(1);
              assertThat(message.alerts().getFirst().getString("fingerprint"))
                  .isEqualTo(page.alerts().getFirst().getString("fingerprint"));
            });
    await().atMost(SOON).until(() -> !watch.firing().contains("StokerMemberMissing"));
    awaitValue(watch, "min(stoker_cluster_nodes)", 3);
    assertThat(pager.messages("tickets"))
        .flatExtracting(Pager.Message::alerts)
        .extracting(alert -> alert.getJsonObject("labels").getString("alertname"))
        .doesNotContain("StokerMemberMissing", "StokerMembershipFlapping", "StokerBackupsMissing");
    assertNothingElseRang(watch, Duration.ofNanos(System.nanoTime() - killed));
  }

  /**
   * No alert but the page and what Alertmanager knows to follow from it; disks are the machine's.
   */
  private static void assertNothingElseRang(Watch watch, Duration since) {
    Set<String> consequences = new TreeSet<>(List.of("StokerNodeLost", "StokerDiskFilling"));
    for (JsonNode rule : Shipped.yaml(Shipped.ALERTMANAGER).path("inhibit_rules")) {
      if (rule.path("source_matchers").toString().contains("StokerNodeLost")) {
        Alert.all().stream()
            .map(Alert::name)
            .filter(rule.path("target_matchers").toString()::contains)
            .forEach(consequences::add);
      }
    }
    assertThat(watch.everFired(since))
        .contains("StokerNodeLost", "StokerMemberMissing")
        .isSubsetOf(consequences);
  }

  private static String annotation(Pager.Message message, String name) {
    JsonObject annotations = message.body().getJsonObject("commonAnnotations");
    return annotations.getString(name);
  }

  private static void awaitValue(Watch watch, String expression, double value) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> watch.query(expression).equals(OptionalDouble.of(value)));
  }
}
