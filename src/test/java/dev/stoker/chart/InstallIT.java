package dev.stoker.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real helm installs, upgrades, rolls back and removes the chart, at an API that keeps objects.
 */
class InstallIT {
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
        .isEqualTo(115);

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
