package dev.stoker.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * What no schema says: that manifests mean each other, and that a pod is as confined as it can be.
 */
final class Coherence {
  private static final List<String> SCALED = List.of("HorizontalPodAutoscaler", "ScaledObject");

  private Coherence() {}

  static void check(String set, Rendered rendered) {
    names(set, rendered);
    selectors(set, rendered);
    ports(set, rendered);
    references(set, rendered);
    restricted(set, rendered);
    scaling(set, rendered);
    rights(set, rendered);
  }

  private static void names(String set, Rendered rendered) {
    Set<String> seen = new HashSet<>();
    for (JsonNode one : rendered.manifests()) {
      String name = one.at("/metadata/name").asText();
      assertThat(seen.add(one.path("kind").asText() + "/" + name)).as("%s: %s", set, name).isTrue();
      assertThat(name).as(set).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?").hasSizeLessThan(64);
      boolean wide = one.path("kind").asText().startsWith("ClusterRole");
      assertThat(one.at("/metadata/namespace").asText()).as(set).isEqualTo(wide ? "" : "tools");
    }
  }

  private static void selectors(String set, Rendered rendered) {
    JsonNode labels = rendered.one("StatefulSet").at("/spec/template/metadata/labels");
    for (JsonNode one : rendered.manifests()) {
      JsonNode selector =
          switch (one.path("kind").asText()) {
            case "Service" -> one.at("/spec/selector");
            case "StatefulSet", "PodDisruptionBudget" -> one.at("/spec/selector/matchLabels");
            case "NetworkPolicy" -> one.at("/spec/podSelector/matchLabels");
            default -> null;
          };
      if (selector != null) {
        assertThat(selector.size()).as(set).isEqualTo(2);
        assertThat(contains(labels, selector)).as("%s: %s", set, one.path("kind")).isTrue();
      }
    }
    for (JsonNode spread : rendered.pod().path("topologySpreadConstraints")) {
      assertThat(contains(labels, spread.at("/labelSelector/matchLabels"))).as(set).isTrue();
    }
    for (JsonNode monitor : rendered.all("ServiceMonitor")) {
      JsonNode selector = monitor.at("/spec/selector/matchLabels");
      assertThat(rendered.all("Service"))
          .as(set)
          .filteredOn(service -> contains(service.at("/metadata/labels"), selector))
          .hasSize(1)
          .allMatch(service -> has(service.at("/spec/ports"), "name", "management"));
      assertThat(monitor.at("/spec/endpoints/0/port").asText()).isEqualTo("management");
    }
  }

  private static boolean contains(JsonNode labels, JsonNode wanted) {
    return wanted.properties().stream()
        .allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
  }

  private static boolean has(JsonNode list, String key, String value) {
    return StreamSupport.stream(list.spliterator(), false)
        .anyMatch(one -> one.path(key).asText().equals(value));
  }

  private static void ports(String set, Rendered rendered) {
    JsonNode ports = rendered.container().path("ports");
    for (JsonNode service : rendered.all("Service")) {
      for (JsonNode port : service.at("/spec/ports")) {
        assertThat(has(ports, "name", port.path("targetPort").asText())).as(set).isTrue();
      }
    }
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      String port = rendered.container().path(probe).at("/httpGet/port").asText();
      assertThat(port).as(set).isEqualTo("management");
    }
    for (JsonNode policy : rendered.all("NetworkPolicy")) {
      for (JsonNode rule : policy.at("/spec/ingress")) {
        for (JsonNode port : rule.path("ports")) {
          assertThat(has(ports, "name", port.path("port").asText())).as(set).isTrue();
        }
      }
    }
  }

  /** Every name of another object that the pods use is made, or the operator's. */
  private static void references(String set, Rendered rendered) {
    String own = rendered.one("StatefulSet").at("/metadata/name").asText();
    Map<String, String> kinds =
        Map.of("/configMap/name", "ConfigMap", "/secret/secretName", "Secret");
    for (JsonNode volume : rendered.pod().path("volumes")) {
      kinds.forEach(
          (at, kind) -> {
            String name = volume.at(at).asText();
            if (name.startsWith(own)) {
              assertThat(rendered.find(kind, name)).as("%s: %s", set, name).isPresent();
            }
          });
      for (JsonNode source : volume.at("/projected/sources")) {
        String name = source.at("/configMap/name").asText();
        if (name.startsWith(own)) {
          assertThat(rendered.find("ConfigMap", name)).as("%s: %s", set, name).isPresent();
        }
      }
    }
    for (JsonNode variable : rendered.container().path("env")) {
      JsonNode key = variable.at("/valueFrom/secretKeyRef");
      String name = key.path("name").asText();
      if (name.startsWith(own)) {
        JsonNode secret = rendered.named("Secret", name);
        assertThat(secret.path("stringData").has(key.path("key").asText())).as(set).isTrue();
      }
    }
    Set<String> volumes = new HashSet<>();
    rendered.pod().path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
    rendered
        .one("StatefulSet")
        .at("/spec/volumeClaimTemplates")
        .forEach(claim -> volumes.add(claim.at("/metadata/name").asText()));
    for (JsonNode mount : rendered.container().path("volumeMounts")) {
      assertThat(volumes).as(set).contains(mount.path("name").asText());
    }
    String service = rendered.one("StatefulSet").at("/spec/serviceName").asText();
    JsonNode headless = rendered.named("Service", service);
    assertThat(headless.at("/spec/clusterIP").asText()).isEqualTo("None");
    assertThat(headless.at("/spec/publishNotReadyAddresses").asBoolean()).isTrue();
    String account = rendered.pod().path("serviceAccountName").asText();
    rendered
        .all("ServiceAccount")
        .forEach(one -> assertThat(one.at("/metadata/name").asText()).isEqualTo(account));
    for (JsonNode ingress : rendered.all("Ingress")) {
      JsonNode backend = ingress.at("/spec/rules/0/http/paths/0/backend/service");
      JsonNode to = rendered.named("Service", backend.path("name").asText());
      assertThat(has(to.at("/spec/ports"), "name", backend.at("/port/name").asText())).isTrue();
    }
    for (JsonNode route : rendered.all("HTTPRoute")) {
      JsonNode backend = route.at("/spec/rules/0/backendRefs/0");
      JsonNode to = rendered.named("Service", backend.path("name").asText());
      assertThat(to.at("/spec/ports/0/port")).isEqualTo(backend.path("port"));
    }
  }

  /** Pod security standard "restricted", and more. */
  private static void restricted(String set, Rendered rendered) {
    JsonNode pod = rendered.pod().path("securityContext");
    assertThat(pod.path("runAsNonRoot").asBoolean()).as(set).isTrue();
    assertThat(pod.path("runAsUser").asInt()).as(set).isEqualTo(10001);
    assertThat(pod.at("/seccompProfile/type").asText()).as(set).isIn("RuntimeDefault", "Localhost");
    JsonNode own = rendered.container().path("securityContext");
    assertThat(own.path("allowPrivilegeEscalation").asBoolean(true)).as(set).isFalse();
    assertThat(own.path("readOnlyRootFilesystem").asBoolean()).as(set).isTrue();
    assertThat(own.at("/capabilities/drop").toString()).as(set).isEqualTo("[\"ALL\"]");
    assertThat(own.at("/capabilities").has("add")).as(set).isFalse();
    for (String host : List.of("hostNetwork", "hostPID", "hostIPC")) {
      assertThat(rendered.pod().has(host)).as(set).isFalse();
    }
    for (JsonNode volume : rendered.pod().path("volumes")) {
      assertThat(volume.has("hostPath")).as(set).isFalse();
    }
  }

  private static void scaling(String set, Rendered rendered) {
    JsonNode stateful = rendered.one("StatefulSet");
    boolean scaled = SCALED.stream().anyMatch(kind -> !rendered.all(kind).isEmpty());
    assertThat(stateful.path("spec").has("replicas"))
        .as("%s: two who count", set)
        .isNotEqualTo(scaled);
    for (String kind : SCALED) {
      for (JsonNode scaler : rendered.all(kind)) {
        assertThat(scaler.at("/spec/scaleTargetRef/kind").asText()).isEqualTo("StatefulSet");
        assertThat(scaler.at("/spec/scaleTargetRef/name")).isEqualTo(stateful.at("/metadata/name"));
      }
    }
    for (JsonNode budget : rendered.all("PodDisruptionBudget")) {
      int replicas = stateful.at("/spec/replicas").asInt(2);
      int away = budget.at("/spec/maxUnavailable").asInt();
      assertThat(away).as("%s: or no machine could be emptied", set).isPositive();
      assertThat(replicas == 1 || away < replicas).as(set).isTrue();
    }
  }

  /** Rights where discovery asks the API, and no token elsewhere. */
  private static void rights(String set, Rendered rendered) {
    boolean asks =
        rendered.container().path("args").toString().contains("--cluster")
            && !rendered.configurationTree().at("/cluster/kubernetes").has("dns");
    assertThat(rendered.pod().path("automountServiceAccountToken").asBoolean(true))
        .as(set)
        .isEqualTo(asks);
    if (!asks) {
      assertThat(rendered.all("Role")).as(set).isEmpty();
      assertThat(rendered.all("ClusterRole")).as(set).isEmpty();
    }
    for (String binding : List.of("RoleBinding", "ClusterRoleBinding")) {
      for (JsonNode one : rendered.all(binding)) {
        rendered.named(one.at("/roleRef/kind").asText(), one.at("/roleRef/name").asText());
        assertThat(one.at("/subjects/0/name"))
            .as(set)
            .isEqualTo(rendered.pod().path("serviceAccountName"));
      }
    }
  }
}
