package dev.stoker.peer;

import com.hazelcast.config.Config;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Clustered Vert.x instances on loopback, a cluster of its own for each of these. */
final class Loopback implements AutoCloseable {
  private static final String ADDRESS = "127.0.0.1";

  private final String name = UUID.randomUUID().toString();
  private final List<Integer> ports = new ArrayList<>();
  private final List<Vertx> started = new ArrayList<>();

  Vertx start() throws IOException, TimeoutException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ports.add(free.getLocalPort());
    }
    Vertx vertx =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setEventLoopPoolSize(2)
                    .setEventBusOptions(new EventBusOptions().setHost(ADDRESS)))
            .withClusterManager(new HazelcastClusterManager(config()))
            .buildClustered()
            .await(60, TimeUnit.SECONDS);
    started.add(vertx);
    return vertx;
  }

  private Config config() {
    Config config = new Config();
    config.setClusterName(name);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.local.localAddress", ADDRESS);
    config.setProperty("hazelcast.partition.count", "11");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.getNetworkConfig().setPort(ports.getLast()).setPortAutoIncrement(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    var members = config.getNetworkConfig().getJoin().getTcpIpConfig().setEnabled(true);
    ports.forEach(port -> members.addMember(ADDRESS + ":" + port));
    return config;
  }

  @Override
  public void close() throws TimeoutException {
    for (Vertx vertx : started.reversed()) {
      vertx.close().await(30, TimeUnit.SECONDS);
    }
  }
}
