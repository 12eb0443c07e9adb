package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.chart.Helm;
import dev.stoker.chart.Rendered;
import dev.stoker.cluster.MemberProcess.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three members with the chart's configuration find each other at a served Kubernetes API, and ask
 * it nothing but what the chart's roles allow, of which they need all.
 */
@Tag("patient")
class ChartDiscoveryIT {
  private static final Duration JOIN_MAX = Duration.ofSeconds(30);
  private static final Pattern QUESTION =
      Pattern.compile("GET /apis?/(?:([^/]*\\.[^/]*)/)?v1/(?:namespaces/([^/]+)/)?([a-z]+)(/.+)?");

  @TempDir Path directory;
  private final String net =
      "127.%d.%d."
          .formatted(
              ThreadLocalRandom.current().nextInt(1, 250),
              ThreadLocalRandom.current().nextInt(250));
  private final KubernetesApi api = new KubernetesApi();

  @AfterEach
  void close() {
    api.close();
  }

  @Test
  void shouldFindEachOtherWithTheRightsOfTheChartAndNoMore() throws IOException {
    Rendered chart =
        Helm.fetch(Files.createDirectory(directory.resolve("programs")))
            .template(
                "--set=cluster.discovery=api,cluster.zoneAware=true",
                "--set=topologySpread.zones=DoNotSchedule");
    JsonNode cluster = Rendered.yaml(chart.configuration()).path("cluster");
    String service = cluster.at("/kubernetes/service").asText();
    String namespace = cluster.at("/kubernetes/namespace").asText();
    String file = chart.named("ConfigMap", "media-stoker").at("/data/cluster.xml").asText();
    assertThat(file).contains("<partition-group enabled=\"true\" group-type=\"ZONE_AWARE\"/>");
    for (int pod = 0; pod < 3; pod++) {
      api.pod(namespace, "media-stoker-" + pod, net + (2 + pod));
    }
    api.pod(namespace, "else", net + 9);
    api.service(namespace, service, net + 2, net + 3, net + 4);

    try (MemberGroup group = new MemberGroup(directory)) {
      List<MemberProcess> members = new ArrayList<>();
      for (int pod = 0; pod < 3; pod++) {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOSTNAME", "media-stoker-" + pod);
        environment.put("STOKER_CLUSTER_FILE", api.clusterFile(directory, file).toString());
        environment.put("STOKER_CLUSTER_NAME", group.name);
        environment.put("STOKER_CLUSTER_BIND", net + (2 + pod));
        environment.put("STOKER_CLUSTER_PORT", cluster.path("port").asText());
        environment.put("STOKER_CLUSTER_BUS_PORT", cluster.path("busPort").asText());
        environment.put("STOKER_CLUSTER_DISCOVERY", cluster.path("discovery").asText());
        environment.put("STOKER_CLUSTER_KUBERNETES_NAMESPACE", namespace);
        environment.put("STOKER_CLUSTER_KUBERNETES_SERVICE", service);
        String node = "pod" + pod + "@1";
        members.add(group.launch(node, Start.configured(environment, directory.resolve(node))));
      }
      members.forEach(MemberProcess::awaitReady);
      MemberGroup.awaitTogether(JOIN_MAX, members);
      MemberGroup.awaitBus(JOIN_MAX, members);
    }

    Set<String> asked = api.asked();
    JsonNode role = chart.one("Role").path("rules");
    JsonNode wide = chart.one("ClusterRole").path("rules");
    assertThat(asked).hasSizeGreaterThanOrEqualTo(5).allMatch(one -> isAllowed(one, role, wide));
    for (String resource : List.of("endpointslices", "pods", "nodes")) {
      assertThat(asked).as("a right that nobody needs").anyMatch(one -> one.contains(resource));
    }
  }

  /** By roles as Kubernetes reads them. */
  private static boolean isAllowed(String question, JsonNode role, JsonNode wide) {
    Matcher matcher = QUESTION.matcher(question);
    if (!matcher.matches()) {
      return false;
    }
    String group = matcher.group(1) == null ? "" : matcher.group(1);
    String verb = matcher.group(4) == null ? "list" : "get";
    for (JsonNode rule : Helm.NAMESPACE.equals(matcher.group(2)) ? role : wide) {
      if (rule.path("apiGroups").toString().contains("\"" + group + "\"")
          && rule.path("resources").toString().contains("\"" + matcher.group(3) + "\"")
          && rule.path("verbs").toString().contains("\"" + verb + "\"")) {
        return true;
      }
    }
    return false;
  }
}
