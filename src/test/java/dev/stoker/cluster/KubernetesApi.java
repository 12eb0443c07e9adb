package dev.stoker.cluster;

import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The API of a Kubernetes, over TLS on loopback, that keeps what it is told: pods, services and
 * their endpoints. Nothing runs the pods: who starts a member says where it is.
 */
final class KubernetesApi implements AutoCloseable {
  static final String TOKEN = "a-token-of-a-service-account";
  private static final String MACHINE = "machine";
  private static final int HTTP_PORT = 8080;

  private final MockWebServer web = new MockWebServer();
  private final KubernetesMockServer server;
  private final KubernetesClient client;

  KubernetesApi() {
    Map<ServerRequest, Queue<ServerResponse>> none = new HashMap<>();
    server =
        new KubernetesMockServer(
            new Context(), web, none, new KubernetesMixedDispatcher(none), true);
    server.init();
    client = server.createClient();
    client
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName(MACHINE)
                .addToLabels("topology.kubernetes.io/zone", "here")
                .endMetadata()
                .build())
        .create();
  }

  /** Hazelcast's file as shipped, and in it where this API is and who asks. */
  Path clusterFile(Path directory) {
    try {
      return clusterFile(directory, Files.readString(Path.of("cluster.xml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same of another of Hazelcast's files. */
  Path clusterFile(Path directory, String text) {
    try {
      String certificate =
          Files.readString(Path.of(web.getSelfSignedCertificate().certificatePath()));
      return Files.writeString(
          directory.resolve("cluster.xml"),
          text.replace(
              "<kubernetes enabled=\"false\"/>",
              "<kubernetes enabled=\"false\"><kubernetes-master>https://localhost:"
                  + web.getPort()
                  + "</kubernetes-master><api-token>"
                  + TOKEN
                  + "</api-token><ca-certificate>"
                  + certificate.strip()
                  + "</ca-certificate></kubernetes>"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void pod(String namespace, String name, String address) {
    client
        .resource(
            new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withNodeName(MACHINE)
                .addNewContainer()
                .withName("stoker")
                .addNewPort()
                .withContainerPort(HTTP_PORT)
                .endPort()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPodIP(address)
                .addNewContainerStatus()
                .withReady(true)
                .endContainerStatus()
                .endStatus()
                .build())
        .create();
  }

  void removePod(String namespace, String name) {
    client.pods().inNamespace(namespace).withName(name).delete();
  }

  /** A service that has HTTP's port, and these addresses behind it, as slices and as endpoints. */
  void service(String namespace, String name, String... addresses) {
    client
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .addNewPort()
                .withName("http")
                .withPort(HTTP_PORT)
                .endPort()
                .endSpec()
                .build())
        .createOr(existing -> existing.update());
    EndpointSliceBuilder slice =
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name + "-slice")
            .addToLabels("kubernetes.io/service-name", name)
            .endMetadata()
            .withAddressType("IPv4")
            .addNewPort()
            .withName("http")
            .withPort(HTTP_PORT)
            .endPort();
    for (String address : addresses) {
      slice
          .addNewEndpoint()
          .withAddresses(address)
          .withNewConditions()
          .withReady(true)
          .endConditions()
          .endEndpoint();
    }
    client.resource(slice.build()).createOr(existing -> existing.update());
    client
        .resource(
            new EndpointsBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .addNewSubset()
                .addAllToAddresses(
                    Arrays.stream(addresses)
                        .map(address -> new EndpointAddressBuilder().withIp(address).build())
                        .toList())
                .addNewPort()
                .withName("http")
                .withPort(HTTP_PORT)
                .endPort()
                .endSubset()
                .build())
        .createOr(existing -> existing.update());
  }

  /** What has been asked with the token since the last time, without the questions' parameters. */
  Set<String> asked() {
    Set<String> asked = new TreeSet<>();
    try {
      RecordedRequest next = web.takeRequest(1, TimeUnit.MILLISECONDS);
      while (next != null) {
        if (("Bearer " + TOKEN).equals(next.getHeader("Authorization"))) {
          asked.add(next.getMethod() + " " + next.getPath().replaceFirst("\\?.*", ""));
        }
        next = web.takeRequest(1, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return asked;
  }

  @Override
  public void close() {
    client.close();
    server.destroy();
  }
}
