package dev.stoker.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real helm installs, upgrades, rolls back and removes the chart, at an API that keeps objects.
 */
class InstallIT {
  private static final String HPA =
      "autoscaling.type=hpa,autoscaling.minReplicas=3,autoscaling.maxReplicas=5";
  private static final String KEDA =
      "autoscaling.type=keda,autoscaling.keda.serverAddress=http://prometheus:9090";

  @TempDir Path directory;
  private final ServedApi api = new ServedApi();
  private EmbeddedPostgres database;
  private Helm helm;

  @BeforeEach
  void fetch() throws IOException {
    database = EmbeddedPostgres.start();
    helm =
        Helm.fetch(Files.createDirectory(directory.resolve("programs")))
            // It would keep its releases at the API, in protocol buffers, which this one cannot
            // read.
            .with("HELM_DRIVER", "sql")
            .with(
                "HELM_DRIVER_SQL_CONNECTION_STRING",
                "postgresql://postgres@127.0.0.1:%d/postgres?sslmode=disable"
                    .formatted(database.getPort()));
  }

  @AfterEach
  void close() throws IOException {
    database.close();
    api.close();
  }

  @Test
  void shouldInstallUpgradeRollBackAndLeaveNothing() {
    run("install", Helm.RELEASE, chart(), "--set=node.drain=1m");

    StatefulSet first = pods();
    assertThat(first.getSpec().getReplicas()).isEqualTo(3);
    assertThat(first.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
        .isEqualTo(20 + 60 + 60 + 45);

    run("upgrade", Helm.RELEASE, chart(), "--set=node.drain=2m,replicas=4");

    StatefulSet second = pods();
    assertThat(second.getSpec().getReplicas()).isEqualTo(4);
    assertThat(configuration()).contains("drain: 2m");
    assertThat(checksum(second))
        .as("new configuration restarts the pods")
        .isNotEqualTo(checksum(first));
    // What Kubernetes lets nobody change.
    assertThat(second.getSpec().getSelector()).isEqualTo(first.getSpec().getSelector());
    assertThat(second.getSpec().getServiceName()).isEqualTo(first.getSpec().getServiceName());
    assertThat(second.getSpec().getVolumeClaimTemplates())
        .isEqualTo(first.getSpec().getVolumeClaimTemplates());

    run(
        "upgrade",
        Helm.RELEASE,
        chart(),
        "--set=node.drain=2m,replicas=4,autoscaling.maxReplicas=6");
    assertThat(checksum(pods())).as("what the nodes do not read").isEqualTo(checksum(second));

    run("rollback", Helm.RELEASE, "1");

    assertThat(pods().getSpec().getReplicas()).isEqualTo(3);
    assertThat(configuration()).contains("drain: 1m");
    assertThat(checksum(pods())).isEqualTo(checksum(first));
    assertThat(run("history", Helm.RELEASE).output()).contains("Rollback to 1");

    run("uninstall", Helm.RELEASE);

    assertThat(api.client().apps().statefulSets().inNamespace(Helm.NAMESPACE).list().getItems())
        .isEmpty();
    assertThat(api.client().services().inNamespace(Helm.NAMESPACE).list().getItems()).isEmpty();
    assertThat(api.client().configMaps().inNamespace(Helm.NAMESPACE).list().getItems()).isEmpty();
  }

  /** Who counts pods changes; how many there are does not. */
  @Test
  void shouldTakeAwayNoPodWhenScalingIsSwitched() {
    run("install", Helm.RELEASE, chart(), "--set=replicas=4");

    run("upgrade", Helm.RELEASE, chart(), "--set=" + HPA);

    assertThat(replicas()).as("none to hpa").isEqualTo(4);

    scale(5);
    run("upgrade", Helm.RELEASE, chart(), "--set=node.queue=500," + HPA);

    assertThat(replicas()).as("hpa, with other values").isEqualTo(5);

    run("upgrade", Helm.RELEASE, chart(), "--set=" + KEDA);

    assertThat(replicas()).as("hpa to keda").isEqualTo(5);
    assertThat(autoscalers()).isEmpty();

    scale(3);
    run("upgrade", Helm.RELEASE, chart(), "--set=replicas=3");

    assertThat(replicas()).as("keda to none").isEqualTo(3);
  }

  @Test
  void shouldBeginWithTheFewestWhereOthersCount() {
    run("install", Helm.RELEASE, chart(), "--set=" + HPA);

    assertThat(replicas()).isEqualTo(3);
  }

  private static String chart() {
    return Helm.CHART.toString();
  }

  private Helm.Said run(String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("-n", Helm.NAMESPACE, "--kubeconfig", api.kubeconfig(directory).toString()));
    if (List.of("install", "upgrade", "rollback").contains(arguments[0])) {
      // The API applies nothing, and has no schemas.
      all.add("--server-side=false");
      if (!arguments[0].equals("install")) {
        // Nor patches of the kind that knows lists.
        all.add("--force-replace");
      }
      if (!arguments[0].equals("rollback")) {
        all.add("--disable-openapi-validation");
      }
    }
    return helm.helm(all).orFail();
  }

  /** As an autoscaler does. */
  private void scale(int replicas) {
    api.client()
        .apps()
        .statefulSets()
        .inNamespace(Helm.NAMESPACE)
        .withName("media-stoker")
        .edit(
            pods ->
                new StatefulSetBuilder(pods).editSpec().withReplicas(replicas).endSpec().build());
  }

  private @Nullable Integer replicas() {
    return pods().getSpec().getReplicas();
  }

  private List<HorizontalPodAutoscaler> autoscalers() {
    return api.client()
        .autoscaling()
        .v2()
        .horizontalPodAutoscalers()
        .inNamespace(Helm.NAMESPACE)
        .list()
        .getItems();
  }

  private StatefulSet pods() {
    return Objects.requireNonNull(
        api.client()
            .apps()
            .statefulSets()
            .inNamespace(Helm.NAMESPACE)
            .withName("media-stoker")
            .get());
  }

  private String configuration() {
    ConfigMap map =
        api.client().configMaps().inNamespace(Helm.NAMESPACE).withName("media-stoker").get();
    return Objects.requireNonNull(map.getData().get("stoker.yaml"));
  }

  private static String checksum(StatefulSet pods) {
    return Objects.requireNonNull(
        pods.getSpec().getTemplate().getMetadata().getAnnotations().get("checksum/configuration"));
  }
}
