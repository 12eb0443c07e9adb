package dev.stoker.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two members of Hazelcast in this JVM; who is present is what the test says. */
@Tag("patient")
class PermitsIT {
  private static final String TOOL = "render";
  private static final NodeId A = new NodeId("a", 1);
  private static final NodeId B = new NodeId("b", 1);
  private static final NodeId GONE = new NodeId("gone", 1);
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Map<NodeId, NodeInfo> present = new ConcurrentHashMap<>();
  private final Vertx vertx = Vertx.vertx();
  private final List<HazelcastInstance> hazelcast = new ArrayList<>();
  private Permits ofA = Permits.alone();
  private Permits ofB = Permits.alone();

  @BeforeEach
  void open() throws IOException {
    String name = "permits-" + UUID.randomUUID();
    int first = freePort();
    int second = freePort();
    hazelcast.add(Hazelcast.newHazelcastInstance(config(name, first, second)));
    hazelcast.add(Hazelcast.newHazelcastInstance(config(name, second, first)));
    assertThat(hazelcast.getLast().getCluster().getMembers()).hasSize(2);
    List.of(A, B).forEach(this::join);
    ofA = Permits.clustered(vertx, hazelcast.getFirst(), new View(A));
    ofB = Permits.clustered(vertx, hazelcast.getLast(), new View(B));
  }

  @AfterEach
  void close() {
    vertx.close().await();
    hazelcast.forEach(member -> member.getLifecycleService().terminate());
  }

  @Test
  void shouldGiveNoMoreThanThereAreHoweverManyAskAtOnce() {
    int max = 7;
    List<RunId> runs = Stream.generate(RunId::next).limit(200).toList();

    // Who had no answer in time may hold one all the same, and hears so when it asks again.
    await().atMost(SOON).untilAsserted(() -> assertThat(given(runs, max)).hasSize(max));

    assertThat(given(runs, max)).hasSize(max);
  }

  private List<RunId> given(List<RunId> runs, int max) {
    List<Future<Boolean>> taken =
        IntStream.range(0, runs.size())
            .mapToObj(n -> (n % 2 == 0 ? ofA : ofB).take(TOOL, max, runs.get(n)))
            .toList();
    Future.join(taken).await();
    return IntStream.range(0, runs.size())
        .filter(n -> taken.get(n).result())
        .mapToObj(runs::get)
        .toList();
  }

  @Test
  void shouldGiveAgainWhatWasGivenBack() {
    RunId holder = RunId.next();
    awaitTaken(ofA, 1, holder);
    assertThat(take(ofB, 1, RunId.next())).isFalse();

    ofA.give(TOOL, holder);

    awaitTaken(ofB, SOON);
  }

  @Test
  void shouldCountARunOnceHoweverOftenItTakes() {
    RunId holder = RunId.next();

    awaitTaken(ofA, 2, holder);
    awaitTaken(ofA, 2, holder);
    // Another home of the same run.
    awaitTaken(ofB, 2, holder);

    awaitTaken(ofB, 2, RunId.next());
    assertThat(take(ofB, 2, RunId.next())).isFalse();
    // It has one, though all are taken.
    awaitTaken(ofB, 2, holder);
  }

  @Test
  void shouldNotGiveBackWhatARunDoesNotHave() {
    awaitTaken(ofA, 1, RunId.next());

    ofB.give(TOOL, RunId.next());
    ofB.give("another", RunId.next());

    assertThat(take(ofB, 1, RunId.next())).isFalse();
  }

  @Test
  void shouldCountEachToolByItself() {
    awaitTaken(ofA, 1, RunId.next());

    RunId run = RunId.next();
    await().atMost(SOON).until(() -> ofB.take("another", 1, run).await());
  }

  @Test
  void shouldKeepWhatANodeHasUntilTheFenceAfterItLeft() {
    join(GONE);
    Permits ofGone = Permits.clustered(vertx, hazelcast.getFirst(), new View(GONE));
    awaitTaken(ofGone, 1, RunId.next());
    long leftNanos = System.nanoTime();

    present.remove(GONE);

    awaitTaken(ofB, Permits.FENCE.plus(SOON));
    assertThat(Duration.ofNanos(System.nanoTime() - leftNanos))
        .as("its processes may live until then")
        .isGreaterThanOrEqualTo(Permits.FENCE);
  }

  @Test
  void shouldFreeAtOnceWhatAnEarlierLifeOfANodeHad() {
    join(GONE);
    Permits ofGone = Permits.clustered(vertx, hazelcast.getFirst(), new View(GONE));
    awaitTaken(ofGone, 1, RunId.next());

    present.remove(GONE);
    join(new NodeId(GONE.name(), GONE.epoch() + 1));

    awaitTaken(ofB, Permits.FENCE.minus(Duration.ofSeconds(5)));
  }

  @Test
  void shouldKeepTheNumberWhenAMemberIsKilled() {
    awaitTaken(ofA, 2, RunId.next());
    awaitTaken(ofB, 2, RunId.next());

    hazelcast.getFirst().getLifecycleService().terminate();

    await().atMost(SOON).until(() -> hazelcast.getLast().getCluster().getMembers().size() == 1);
    assertThat(take(ofB, 2, RunId.next())).as("its backup knows both").isFalse();
  }

  private static boolean take(Permits permits, int max, RunId run) {
    return permits.take(TOOL, max, run).await();
  }

  /**
   * Who had no answer in time asks again, as runs do: a cluster that has just begun may be busy.
   */
  private static void awaitTaken(Permits permits, int max, RunId run) {
    await().atMost(SOON).until(() -> take(permits, max, run));
  }

  private static void awaitTaken(Permits permits, Duration max) {
    RunId run = RunId.next();
    await().atMost(max).until(() -> take(permits, 1, run));
  }

  private void join(NodeId node) {
    present.put(
        node,
        new NodeInfo(
            node, "1", "127.0.0.1:1", Instant.EPOCH, 1, false, "native", List.of(), Map.of()));
  }

  private static Config config(String name, int own, int other) {
    Config config = new Config().setClusterName(name);
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "slf4j");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config
        .getNetworkConfig()
        .setPort(own)
        .setPortAutoIncrement(false)
        .getInterfaces()
        .setEnabled(true)
        .addInterface("127.0.0.1");
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    join.getTcpIpConfig().addMember("127.0.0.1:" + own).addMember("127.0.0.1:" + other);
    return config;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The same nodes for everyone. */
  private final class View implements Members {
    private final NodeId self;

    View(NodeId self) {
      this.self = self;
    }

    @Override
    public NodeId self() {
      return self;
    }

    @Override
    public Map<NodeId, NodeInfo> present() {
      return Map.copyOf(present);
    }

    @Override
    public boolean isClustered() {
      return true;
    }

    @Override
    public boolean hasQuorum() {
      return true;
    }

    @Override
    public void announce(NodeInfo info) {
      present.put(info.id(), info);
    }

    @Override
    public void onChange(Runnable listener) {
      throw new UnsupportedOperationException("permits look by themselves");
    }
  }
}
