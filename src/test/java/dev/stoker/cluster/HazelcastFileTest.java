package dev.stoker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import dev.stoker.cluster.ClusterSettings.Discovery;
import dev.stoker.cluster.ClusterSettings.Kubernetes;
import dev.stoker.run.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HazelcastFileTest {
  private static final Path SHIPPED = Path.of("cluster.xml");
  private static final Kubernetes NOWHERE = new Kubernetes("", "", "");

  @TempDir Path directory;

  @Test
  void shouldLeaveTheFileAsItIsWhereNothingIsSaid() {
    Config config = read(settings(SHIPPED, "", "", "", Discovery.LIST, NOWHERE, 1));

    assertThat(config.getClusterName()).isEqualTo("stoker");
    assertThat(config.getNetworkConfig().getPort()).isEqualTo(5701);
    assertThat(config.getNetworkConfig().getInterfaces().getInterfaces())
        .containsExactly("127.0.0.1");
    assertThat(config.getNetworkConfig().getJoin().getTcpIpConfig().getMembers())
        .containsExactly("127.0.0.1");
    assertThat(config.getProperty("hazelcast.phone.home.enabled")).isEqualTo("false");
    assertThat(config.getProperty("hazelcast.max.no.heartbeat.seconds")).isEqualTo("3");
    assertThat(config.findSplitBrainProtectionConfig(Cluster.QUORUM).isEnabled()).isFalse();
  }

  @Test
  void shouldMixTheSecretIntoTheNameAsTheShellDoes() {
    Config config = read(settings(SHIPPED, "media", "hush", "", Discovery.LIST, NOWHERE, 1));

    // printf '%s' 'media:hush' | sha256sum
    assertThat(config.getClusterName()).isEqualTo("media-21f6cd8a11025b4e");
  }

  @Test
  void shouldTakeAnAddressAndAPatternToBindTo() {
    Config literal = read(settings(SHIPPED, "", "", "10.1.0.4", Discovery.LIST, NOWHERE, 1));
    Config pattern = read(settings(SHIPPED, "", "", "10.1.*.*", Discovery.LIST, NOWHERE, 1));

    assertThat(literal.getProperty("hazelcast.local.localAddress")).isEqualTo("10.1.0.4");
    assertThat(literal.getNetworkConfig().getInterfaces().isEnabled()).isFalse();
    assertThat(pattern.getNetworkConfig().getInterfaces().getInterfaces())
        .containsExactly("10.1.*.*");
  }

  @Test
  void shouldAskTheDnsOrTheApiOfKubernetes() {
    JoinConfig byDns = join(new Kubernetes("stoker.media.svc.cluster.local", "ignored", "ignored"));
    JoinConfig byApi = join(new Kubernetes("", "media", "stoker"));

    assertThat(byDns.getTcpIpConfig().isEnabled()).isFalse();
    assertThat(byDns.getKubernetesConfig().isEnabled()).isTrue();
    assertThat(byDns.getKubernetesConfig().getProperties())
        .containsOnlyKeys("service-dns", "service-port")
        .containsEntry("service-dns", "stoker.media.svc.cluster.local");
    assertThat(byApi.getKubernetesConfig().getProperties())
        .containsEntry("namespace", "media")
        .containsEntry("service-name", "stoker")
        .containsEntry("service-port", "5701")
        .containsEntry("expose-externally", "false");
  }

  @Test
  void shouldAskForEnoughMembers() {
    Config config = read(settings(SHIPPED, "", "", "", Discovery.LIST, NOWHERE, 3));

    assertThat(config.findSplitBrainProtectionConfig(Cluster.QUORUM))
        .satisfies(
            protection -> {
              assertThat(protection.isEnabled()).isTrue();
              assertThat(protection.getMinimumClusterSize()).isEqualTo(3);
            });
  }

  @Test
  void shouldNameAFileThatIsMissingOrWrong() throws IOException {
    Path missing = directory.resolve("none.xml");
    Path wrong = Files.writeString(directory.resolve("wrong.xml"), "<hazelcast><colour/>");

    assertThatThrownBy(() -> read(settings(missing, "", "", "", Discovery.LIST, NOWHERE, 1)))
        .isInstanceOf(ClusterException.class)
        .hasMessage("cluster.file: " + missing + " is not there");
    assertThatThrownBy(() -> read(settings(wrong, "", "", "", Discovery.LIST, NOWHERE, 1)))
        .isInstanceOf(ClusterException.class)
        .hasMessageStartingWith(wrong.toString());
  }

  private static JoinConfig join(Kubernetes where) {
    Config config = read(settings(SHIPPED, "", "", "", Discovery.KUBERNETES, where, 1));
    assertThat(config.getNetworkConfig().getInterfaces().isEnabled()).isFalse();
    return config.getNetworkConfig().getJoin();
  }

  private static Config read(ClusterSettings settings) {
    return HazelcastFile.read(settings, new NodeId("a", 1), "1");
  }

  private static ClusterSettings settings(
      Path file,
      String name,
      String secret,
      String bind,
      Discovery discovery,
      Kubernetes kubernetes,
      int minimum) {
    return new ClusterSettings(
        file,
        name,
        secret,
        bind,
        0,
        0,
        List.of(),
        discovery,
        kubernetes,
        minimum,
        Duration.ofSeconds(1),
        Duration.ofSeconds(3));
  }
}
