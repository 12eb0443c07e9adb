package dev.stoker.cache;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.MultiMapConfig.ValueCollectionType;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.stoker.run.ByteSize;
import dev.stoker.run.NodeId;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;

/** A cache on a member of its own, in this JVM. Closed by who made it. */
final class CacheNode implements AutoCloseable {
  static final CacheSettings SETTINGS =
      new CacheSettings(
          ByteSize.parse("1MiB"),
          ByteSize.parse("8MiB"),
          Duration.ofMillis(100),
          Duration.ofMinutes(10));

  final HazelcastInstance hazelcast;
  final Vertx vertx;
  final FakeMembers members;
  final ClusteredResultCache cache;

  private CacheNode(HazelcastInstance hazelcast, FakeMembers members, TickingClock clock) {
    this.hazelcast = hazelcast;
    this.members = members;
    this.vertx =
        Vertx.builder()
            .with(new VertxOptions().setEventBusOptions(new EventBusOptions().setHost("127.0.0.1")))
            .withClusterManager(new HazelcastClusterManager(hazelcast))
            .buildClustered()
            .await();
    this.cache = ClusteredResultCache.open(SETTINGS, hazelcast, members, vertx, clock, clock);
  }

  static CacheNode start(Config config, FakeMembers members, TickingClock clock) {
    return new CacheNode(Hazelcast.newHazelcastInstance(config), members, clock);
  }

  static NodeId id(String name) {
    return new NodeId(name, 1);
  }

  /** Of a member that finds the members on these ports of this machine; its own is the first. */
  static Config config(String cluster, int... ports) {
    Config config = new Config().setClusterName(cluster);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    // What Vert.x wants of a member that it has not made.
    config.getMemberAttributeConfig().setAttribute("__vertx.nodeId", UUID.randomUUID().toString());
    config.addMultiMapConfig(
        new MultiMapConfig("__vertx.subs").setValueCollectionType(ValueCollectionType.SET));
    config
        .getNetworkConfig()
        .setPort(ports[0])
        .setPortAutoIncrement(false)
        .getInterfaces()
        .setEnabled(true)
        .addInterface("127.0.0.1");
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    Arrays.stream(ports).forEach(port -> join.getTcpIpConfig().addMember("127.0.0.1:" + port));
    return config;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    cache.close();
    vertx.close().await();
    hazelcast.getLifecycleService().terminate();
  }
}
