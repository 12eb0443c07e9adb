package dev.stoker.chart;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * A Kubernetes API on loopback that keeps objects and says which kinds there are. It has no
 * controllers, no admission and no schemas: {@link Manifests} are for those.
 */
final class ServedApi implements AutoCloseable {
  private static final Map<String, List<String>> KINDS =
      Map.of(
          "v1",
              List.of(
                  "configmaps ConfigMap",
                  "secrets Secret",
                  "services Service",
                  "serviceaccounts ServiceAccount",
                  "namespaces Namespace"),
          "apps/v1", List.of("statefulsets StatefulSet"),
          "policy/v1", List.of("poddisruptionbudgets PodDisruptionBudget"),
          "networking.k8s.io/v1", List.of("networkpolicies NetworkPolicy", "ingresses Ingress"),
          "rbac.authorization.k8s.io/v1", List.of("roles Role", "rolebindings RoleBinding"),
          "autoscaling/v2", List.of("horizontalpodautoscalers HorizontalPodAutoscaler"),
          "keda.sh/v1alpha1", List.of("scaledobjects ScaledObject"));

  private final MockWebServer web = new MockWebServer();
  private final KubernetesMockServer server;
  private final KubernetesClient client;

  ServedApi() {
    Map<ServerRequest, Queue<ServerResponse>> answers = new HashMap<>();
    server =
        new KubernetesMockServer(
            new Context(), web, answers, new KubernetesMixedDispatcher(answers), true);
    server.init();
    client = server.createClient();
    JsonArray groups = new JsonArray();
    KINDS.forEach((version, kinds) -> serve(version, kinds, groups));
    always(
        "/version",
        new JsonObject().put("major", "1").put("minor", "35").put("gitVersion", "v1.35.2"));
    always("/api", new JsonObject().put("kind", "APIVersions").put("versions", List.of("v1")));
    always(
        "/apis",
        new JsonObject().put("kind", "APIGroupList").put("apiVersion", "v1").put("groups", groups));
  }

  private void serve(String version, List<String> kinds, JsonArray groups) {
    JsonArray resources = new JsonArray();
    for (String kind : kinds) {
      String[] names = kind.split(" ", -1);
      resources.add(
          new JsonObject()
              .put("name", names[0])
              .put("singularName", "")
              .put("namespaced", !names[1].equals("Namespace"))
              .put("kind", names[1])
              .put(
                  "verbs", List.of("create", "delete", "get", "list", "patch", "update", "watch")));
    }
    boolean core = version.indexOf('/') < 0;
    if (!core) {
      JsonObject named =
          new JsonObject().put("groupVersion", version).put("version", version.split("/", -1)[1]);
      groups.add(
          new JsonObject()
              .put("name", version.split("/", -1)[0])
              .put("versions", new JsonArray().add(named))
              .put("preferredVersion", named));
    }
    always(
        (core ? "/api/" : "/apis/") + version,
        new JsonObject()
            .put("kind", "APIResourceList")
            .put("apiVersion", "v1")
            .put("groupVersion", version)
            .put("resources", resources));
  }

  private void always(String path, JsonObject answer) {
    server.expect().get().withPath(path).andReturn(200, answer.encode()).always();
    server.expect().get().withPath(path + "?timeout=32s").andReturn(200, answer.encode()).always();
  }

  KubernetesClient client() {
    return client;
  }

  /** For helm and kubectl. */
  Path kubeconfig(Path directory) {
    String text =
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        current-context: x
        """
            .formatted(web.getPort());
    try {
      return Files.writeString(directory.resolve("kubeconfig"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    server.destroy();
  }
}
