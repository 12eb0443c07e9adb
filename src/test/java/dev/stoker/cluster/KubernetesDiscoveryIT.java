package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cluster.MemberProcess.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members in JVMs of their own, told by the environment as pods are, who find each other through a
 * Kubernetes API that is served on loopback. Each has an address of its own and the same port.
 */
@Tag("patient")
class KubernetesDiscoveryIT {
  private static final Duration JOIN_MAX = Duration.ofSeconds(30);
  private static final Duration KILLED_MAX = Duration.ofSeconds(5);

  @TempDir Path directory;
  private final String net =
      "127.%d.%d."
          .formatted(
              ThreadLocalRandom.current().nextInt(1, 250),
              ThreadLocalRandom.current().nextInt(250));
  private KubernetesApi api;
  private MemberGroup group;

  @BeforeEach
  void open() {
    api = new KubernetesApi();
    group = new MemberGroup(directory);
  }

  @AfterEach
  void close() {
    group.close();
    api.close();
  }

  @Test
  void shouldFindTheEndpointsOfTheServiceAndNobodyElse() {
    for (int host = 2; host <= 5; host++) {
      api.pod("media", "pod" + host, net + host);
    }
    api.pod("other", "pod6", net + 6);
    api.service("media", "stoker", net + 2, net + 3, net + 4);
    api.service("media", "else", net + 5);
    api.service("other", "stoker", net + 6);

    List<MemberProcess> members =
        List.of(
            member("a@1", 2, "media", "stoker"),
            member("b@1", 3, "media", "stoker"),
            member("c@1", 4, "media", "stoker"));
    MemberProcess ofAnotherService = member("d@1", 5, "media", "else");
    MemberProcess ofAnotherNamespace = member("e@1", 6, "other", "stoker");

    members.forEach(MemberProcess::awaitReady);
    MemberGroup.awaitTogether(JOIN_MAX, members);
    MemberGroup.awaitBus(JOIN_MAX, members);
    MemberGroup.awaitTogether(JOIN_MAX, List.of(ofAnotherService.awaitReady()));
    MemberGroup.awaitTogether(JOIN_MAX, List.of(ofAnotherNamespace.awaitReady()));
    // The rights that docs/operations.md asks for, and what tells a member its zone.
    assertThat(api.asked())
        .contains("GET /apis/discovery.k8s.io/v1/namespaces/media/endpointslices")
        .allMatch(
            question ->
                question.endsWith("/endpointslices")
                    || question.matches("GET /api/v1/namespaces/[a-z]+/pods/pod[0-9]")
                    || question.equals("GET /api/v1/nodes/machine"));
  }

  @Test
  void shouldFindAllPodsOfTheNamespaceWhereNoServiceIsNamed() {
    for (int host = 2; host <= 4; host++) {
      api.pod("media", "pod" + host, net + host);
    }
    api.pod("other", "pod5", net + 5);

    List<MemberProcess> members =
        List.of(
            member("a@1", 2, "media", ""),
            member("b@1", 3, "media", ""),
            member("c@1", 4, "media", ""));
    MemberProcess stranger = member("d@1", 5, "other", "");

    members.forEach(MemberProcess::awaitReady);
    MemberGroup.awaitTogether(JOIN_MAX, members);
    MemberGroup.awaitTogether(JOIN_MAX, List.of(stranger.awaitReady()));
  }

  @Test
  void shouldFindAPodThatComesBackUnderAnotherAddress() {
    for (int host = 2; host <= 3; host++) {
      api.pod("media", "pod" + host, net + host);
    }
    api.service("media", "stoker", net + 2, net + 3);
    MemberProcess first = member("a@1", 2, "media", "stoker").awaitReady();
    MemberProcess second = member("b@1", 3, "media", "stoker").awaitReady();
    MemberGroup.awaitTogether(JOIN_MAX, List.of(first, second));

    second.signal("KILL");
    api.removePod("media", "pod3");
    api.service("media", "stoker", net + 2);
    MemberGroup.awaitTogether(KILLED_MAX, List.of(first));
    api.pod("media", "pod3", net + 9);
    api.service("media", "stoker", net + 2, net + 9);
    MemberProcess back = member("b@2", "pod3", 9, "media", "stoker").awaitReady();

    MemberGroup.awaitTogether(JOIN_MAX, List.of(first, back));
    MemberGroup.awaitBus(JOIN_MAX, List.of(first, back));
  }

  private MemberProcess member(String node, int host, String namespace, String service) {
    return member(node, "pod" + host, host, namespace, service);
  }

  private MemberProcess member(
      String node, String pod, int host, String namespace, String service) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HOSTNAME", pod);
    environment.put("STOKER_CLUSTER_FILE", api.clusterFile(directory).toString());
    environment.put("STOKER_CLUSTER_NAME", group.name);
    environment.put("STOKER_CLUSTER_BIND", net + host);
    environment.put("STOKER_CLUSTER_DISCOVERY", "kubernetes");
    environment.put("STOKER_CLUSTER_KUBERNETES_NAMESPACE", namespace);
    environment.put("STOKER_CLUSTER_KUBERNETES_SERVICE", service);
    return group.launch(node, Start.configured(environment, directory.resolve(node)));
  }
}
