package dev.stoker.ledger;

import dev.stoker.cluster.Cluster;
import dev.stoker.cluster.ClusterSettings;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Members of a cluster that nobody else is in, on a loopback address of its own, each with a ledger
 * before a file.
 */
final class Grids implements AutoCloseable {
  private final String name = "ledger-" + UUID.randomUUID();
  private final String address = address();
  private final Map<LedgerFixture, Cluster> nodes = new LinkedHashMap<>();

  static String address() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return "127.%d.%d.%d"
        .formatted(random.nextInt(1, 250), random.nextInt(250), random.nextInt(2, 250));
  }

  /**
   * Joins those that are here.
   *
   * @param directory of all nodes' directories
   */
  LedgerFixture join(Path directory, NodeId self, int minimumMembers) throws IOException {
    return open(
        directory,
        self,
        settings(Path.of("cluster.xml"), address, List.of(address), minimumMembers));
  }

  /** Is alone, and sees a member at another address only when it looks for a split. */
  LedgerFixture apart(Path directory, NodeId self, String at, String... members)
      throws IOException {
    // Time enough to write to both sides.
    String text =
        Files.readString(Path.of("cluster.xml"))
            .replace("first.run.delay.seconds\">5<", "first.run.delay.seconds\">15<");
    Path file = Files.writeString(directory.resolve("cluster-" + self.name() + ".xml"), text);
    return open(directory, self, settings(file, at, List.of(members), 1));
  }

  private LedgerFixture open(Path directory, NodeId self, ClusterSettings settings)
      throws IOException {
    Cluster member = Cluster.join(settings, self);
    try {
      LedgerFixture node =
          new LedgerFixture(
              LedgerFixture.settings(directory.resolve(self.name()), 1_000_000),
              self,
              member.hazelcast());
      nodes.put(node, member);
      return node;
    } catch (IOException | RuntimeException e) {
      member.close();
      throw e;
    }
  }

  private ClusterSettings settings(
      Path file, String bind, List<String> members, int minimumMembers) {
    return new ClusterSettings(
        file,
        name,
        "",
        bind,
        0,
        0,
        members,
        ClusterSettings.Discovery.LIST,
        new ClusterSettings.Kubernetes("", "", ""),
        minimumMembers,
        Duration.ofSeconds(1),
        Duration.ofSeconds(3));
  }

  Cluster member(LedgerFixture node) {
    return Objects.requireNonNull(nodes.get(node));
  }

  static void awaitHealthy(LedgerFixture... nodes) {
    for (LedgerFixture node : nodes) {
      Awaitility.await().atMost(Duration.ofSeconds(30)).until(node.ledger::healthy);
    }
  }

  /** Unfinished runs in the cluster's map. */
  Set<RunId> runs(LedgerFixture node) {
    return member(node).hazelcast().<String, byte[]>getMap("stoker.ledger.runs").keySet().stream()
        .map(RunId::parse)
        .collect(Collectors.toSet());
  }

  /** As with the members that alone had it. */
  void lose(LedgerFixture node, RunId run) {
    member(node).hazelcast().getMap("stoker.ledger.runs").delete(run.toString());
  }

  /** As by kill -9: it says nothing to the others. */
  void kill(LedgerFixture node) {
    Cluster member = Objects.requireNonNull(nodes.remove(node));
    member.hazelcast().getLifecycleService().terminate();
    node.close();
    member.close();
  }

  @Override
  public void close() {
    nodes.keySet().forEach(LedgerFixture::close);
    nodes.values().forEach(Cluster::close);
  }
}
