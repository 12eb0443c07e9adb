package dev.stoker.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.DiscoveryStrategyConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.KubernetesConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SplitBrainProtectionConfig;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.spi.properties.ClusterProperty;
import com.hazelcast.spi.properties.HazelcastProperties;
import dev.stoker.cluster.ClusterSettings.Discovery;
import dev.stoker.run.NodeId;
import java.io.FileNotFoundException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Hazelcast's configuration: its file, and over it what the settings say. Stateless. */
final class HazelcastFile {
  private static final int SECRET_DIGITS = 16;
  private static final int SPLIT_MIN = 2;

  private HazelcastFile() {}

  static Config read(ClusterSettings settings, NodeId self, String version) {
    Config config = parse(settings);
    identify(config, self, version);
    properties(config, settings);
    bind(config, settings);
    network(config.getNetworkConfig(), settings);
    if (!settings.name().isEmpty()) {
      config.setClusterName(settings.name());
    }
    if (!settings.secret().isEmpty()) {
      config.setClusterName(secretName(config.getClusterName(), settings.secret()));
    }
    config.addSplitBrainProtectionConfig(protection(settings.minimumMembers()));
    return config;
  }

  /** The name that members with a secret meet under: others do not find them by it. */
  static String secretName(String name, String secret) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest((name + ":" + secret).getBytes(StandardCharsets.UTF_8));
      return name + "-" + HexFormat.of().formatHex(digest).substring(0, SECRET_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static Config parse(ClusterSettings settings) {
    try {
      return new XmlConfigBuilder(settings.file().toString()).build();
    } catch (FileNotFoundException e) {
      throw new ClusterException("cluster.file: " + settings.file() + " is not there", e);
    } catch (HazelcastException e) {
      throw new ClusterException(settings.file() + ": " + firstLine(e), e);
    }
  }

  private static void identify(Config config, NodeId self, String version) {
    config
        .getMemberAttributeConfig()
        .setAttribute(Attribute.NODE, self.toString())
        .setAttribute(Attribute.VERTX_NODE, self.toString())
        .setAttribute(Attribute.WIRE, String.valueOf(Cluster.WIRE))
        .setAttribute(Attribute.VERSION, version);
    config.setInstanceName("stoker-" + self);
  }

  private static void properties(Config config, ClusterSettings settings) {
    config
        .setProperty("hazelcast.logging.type", "slf4j")
        .setProperty("hazelcast.phone.home.enabled", "false")
        // Node closes it, after the event bus that stands on it.
        .setProperty("hazelcast.shutdownhook.enabled", "false")
        .setProperty(
            "hazelcast.heartbeat.interval.seconds",
            String.valueOf(settings.heartbeat().toSeconds()))
        .setProperty(
            "hazelcast.max.no.heartbeat.seconds", String.valueOf(settings.silence().toSeconds()));
  }

  private static void bind(Config config, ClusterSettings settings) {
    String bind = settings.bind();
    if (bind.isEmpty()) {
      if (settings.discovery() == Discovery.KUBERNETES) {
        // The file's address is for one machine; a pod has one of its own, which Hazelcast finds.
        config.getNetworkConfig().getInterfaces().setEnabled(false);
      }
      return;
    }
    boolean pattern = bind.indexOf('*') >= 0;
    config
        .getNetworkConfig()
        .getInterfaces()
        .setEnabled(pattern)
        .setInterfaces(pattern ? List.of(bind) : List.of());
    if (!pattern) {
      // An interface has to be listed with its address: 127.0.0.2 and host names are not.
      config.setProperty("hazelcast.local.localAddress", bind);
    }
  }

  private static void network(NetworkConfig network, ClusterSettings settings) {
    if (settings.port() != 0) {
      network.setPort(settings.port());
    }
    JoinConfig join = network.getJoin();
    switch (settings.discovery()) {
      case LIST -> {
        // The file's list, where the settings have none.
        if (!settings.members().isEmpty()) {
          join.getTcpIpConfig().setEnabled(true).setMembers(settings.members());
        }
      }
      case KUBERNETES -> {
        join.getTcpIpConfig().setEnabled(false);
        KubernetesConfig kubernetes = join.getKubernetesConfig().setEnabled(true);
        // Or every port of the service, HTTP's too, would be taken for a member's.
        unlessSaid(kubernetes, "service-port", String.valueOf(network.getPort()));
        kubernetes(kubernetes, settings.kubernetes());
      }
    }
  }

  private static void kubernetes(KubernetesConfig config, ClusterSettings.Kubernetes where) {
    if (!where.dns().isEmpty()) {
      config.setProperty("service-dns", where.dns());
      return;
    }
    // Nobody joins from outside; looking for public addresses needs more rights, and time for
    // retries.
    unlessSaid(config, "expose-externally", "false");
    if (!where.namespace().isEmpty()) {
      config.setProperty("namespace", where.namespace());
    }
    if (!where.service().isEmpty()) {
      config.setProperty("service-name", where.service());
    }
  }

  private static void unlessSaid(KubernetesConfig config, String property, String value) {
    if (config.getProperty(property) == null) {
      config.setProperty(property, value);
    }
  }

  /** Has {@link ListedMembers} look at the addresses that Hazelcast's list has. */
  static ListedMembers list(Config config) {
    TcpIpConfig list = config.getNetworkConfig().getJoin().getTcpIpConfig();
    NetworkConfig network = config.getNetworkConfig();
    int tries =
        network.isPortAutoIncrement()
            ? new HazelcastProperties(config).getInteger(ClusterProperty.TCP_JOIN_PORT_TRY_COUNT)
            : 1;
    ListedMembers members = new ListedMembers(list.getMembers(), network.getPort(), tries);
    if (list.isEnabled()) {
      list.setEnabled(false);
      config.setProperty("hazelcast.discovery.enabled", "true");
      network
          .getJoin()
          .getDiscoveryConfig()
          .addDiscoveryStrategyConfig(new DiscoveryStrategyConfig(members));
    }
    return members;
  }

  private static SplitBrainProtectionConfig protection(int minimumMembers) {
    SplitBrainProtectionConfig protection =
        new SplitBrainProtectionConfig(Cluster.QUORUM, minimumMembers >= SPLIT_MIN);
    return protection.setMinimumClusterSize(Math.max(SPLIT_MIN, minimumMembers));
  }

  /** Of a message of Hazelcast's. */
  static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("not readable");
  }
}
