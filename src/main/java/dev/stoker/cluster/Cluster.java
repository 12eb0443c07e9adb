package dev.stoker.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.MapConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.spi.partitiongroup.PartitionGroupMetaData;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's membership: a Hazelcast member, and the event bus that stands on it. Thread-safe.
 *
 * <p>A member that dies is noticed in under a second, one that hangs after the configured silence.
 * After a split the smaller side joins the larger one again by itself.
 */
public final class Cluster implements Members, AutoCloseable {
  /** What nodes say to each other, as a number; nodes of two numbers are in no cluster together. */
  public static final int WIRE = 1;

  /**
   * The split-brain protection that maps may name: it refuses writes and reads while fewer than
   * {@code cluster.minimumMembers} are here.
   */
  public static final String QUORUM = "stoker";

  private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
  private static final int MAP_BACKUPS = 2;
  private static final String ZONE = PartitionGroupMetaData.PARTITION_GROUP_ZONE;

  private final ClusterSettings settings;
  private final NodeId self;
  private final HazelcastInstance hazelcast;
  private final Roster roster;
  private volatile boolean closing;

  private Cluster(
      ClusterSettings settings, NodeId self, HazelcastInstance hazelcast, ListedMembers list) {
    this.settings = settings;
    this.self = self;
    this.hazelcast = hazelcast;
    this.roster = new Roster(hazelcast, self, list);
    hazelcast.getLifecycleService().addLifecycleListener(this::stateChanged);
  }

  /**
   * Joins. Blocks for some seconds.
   *
   * @throws ClusterException naming the key, or the member that is in the way
   */
  public static Cluster join(ClusterSettings settings, NodeId self) {
    String version =
        Objects.requireNonNullElse(
            Cluster.class.getPackage().getImplementationVersion(), "development");
    Config config = HazelcastFile.read(settings, self, version);
    config.addMapConfig(new MapConfig(Roster.MAP).setBackupCount(MAP_BACKUPS));
    ListedMembers list = HazelcastFile.list(config);
    HazelcastInstance hazelcast = start(config);
    try {
      Admission.check(hazelcast);
      list.joined();
      LOG.info("{} is in cluster {}", self, config.getClusterName());
      return new Cluster(settings, self, hazelcast, list);
    } catch (RuntimeException e) {
      hazelcast.shutdown();
      throw e;
    }
  }

  /** Makes the Vert.x of this member; whoever asked closes it, before this. */
  public Future<Vertx> vertx(VertxOptions options) {
    VertxOptions clustered = new VertxOptions(options);
    bus(clustered.getEventBusOptions());
    return Vertx.builder()
        .with(clustered)
        .withClusterManager(new HazelcastClusterManager(hazelcast))
        .buildClustered();
  }

  /** For features that keep maps in it. */
  public HazelcastInstance hazelcast() {
    return hazelcast;
  }

  /**
   * Has {@code listener} called after this node, on the smaller side of a split, has joined the
   * larger one again and so lost what its maps held meanwhile. The threads are those of {@link
   * #onChange}.
   */
  public void onMerged(Runnable listener) {
    roster.onMerged(listener);
  }

  /**
   * How Hazelcast does. Blocks for up to some seconds.
   *
   * @throws com.hazelcast.core.HazelcastInstanceNotActiveException when this member has left
   */
  public Health health() {
    return HealthLook.look(hazelcast);
  }

  /** The zone that discovery has found this member in; empty where it has found none. */
  public String zone() {
    String zone = hazelcast.getCluster().getLocalMember().getAttribute(ZONE);
    return zone == null ? "" : zone;
  }

  @Override
  public NodeId self() {
    return self;
  }

  @Override
  public Set<NodeId> nodes() {
    Set<NodeId> nodes = new HashSet<>(roster.members());
    nodes.add(self());
    return nodes;
  }

  @Override
  public boolean isPresent(NodeId node) {
    return node.equals(self()) || roster.members().contains(node);
  }

  @Override
  public Map<NodeId, NodeInfo> present() {
    return roster.present();
  }

  @Override
  public boolean isClustered() {
    return true;
  }

  @Override
  public boolean hasQuorum() {
    return roster.size() >= settings.minimumMembers();
  }

  @Override
  public void announce(NodeInfo info) {
    roster.announce(info);
  }

  @Override
  public void onChange(Runnable listener) {
    roster.onChange(listener);
  }

  /** Leaves: hands over what it holds of the maps. Blocks. Idempotent. */
  @Override
  public void close() {
    closing = true;
    roster.close();
    hazelcast.shutdown();
  }

  private static HazelcastInstance start(Config config) {
    try {
      return Hazelcast.newHazelcastInstance(config);
    } catch (RuntimeException e) {
      // It throws bare ones, for an address that this machine does not have.
      throw new ClusterException(
          "cannot join cluster " + config.getClusterName() + ": " + HazelcastFile.firstLine(e), e);
    }
  }

  private void bus(EventBusOptions bus) {
    Member local = hazelcast.getCluster().getLocalMember();
    Address address = local.getAddress();
    boolean translated = hazelcast.getConfig().getNetworkConfig().getPublicAddress() != null;
    int silenceMillis = Math.toIntExact(settings.silence().toMillis());
    bus.setHost(translated ? "0.0.0.0" : address.getHost())
        .setPort(settings.busPort())
        .setClusterPublicHost(address.getHost())
        // A connection that a cut has left half open is dropped and made anew as fast as the
        // membership changes; by itself TCP would retry for minutes.
        .setClusterPingInterval(settings.heartbeat().toMillis())
        .setClusterPingReplyInterval(silenceMillis)
        .setConnectTimeout(silenceMillis)
        .setTcpUserTimeout(silenceMillis);
  }

  private void stateChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleState.MERGED) {
      LOG.warn("{} has joined the cluster again after a split", self);
      roster.merged();
    } else if (event.getState() == LifecycleState.SHUTDOWN && !closing) {
      LOG.error("{} has lost its membership: restart it", self);
    }
  }
}
