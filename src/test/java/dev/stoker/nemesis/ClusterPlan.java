package dev.stoker.nemesis;

import dev.stoker.StokerHome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Says what a cluster under test is to be. Confined to one thread. */
final class ClusterPlan {
  private static final int CLUSTER_PORT = 5701;

  private final int nodes;
  private final StokerHome home;
  private final List<String> configuration = new ArrayList<>();
  private int slots = 8;
  private String more = "";
  private boolean joined = true;
  private boolean withDatabase;
  private boolean withNamespaces;
  private int minimumMembers = 1;

  /**
   * @param home has the catalog that all nodes share; each has its own data below it
   */
  ClusterPlan(int nodes, StokerHome home) {
    this.nodes = nodes;
    this.home = home;
  }

  ClusterPlan slots(int perNode) {
    this.slots = perNode;
    return this;
  }

  /** More of the section {@code node}, as in {@code drain: 5s}. */
  ClusterPlan nodes(String settings) {
    this.more = ", " + settings;
    return this;
  }

  /** The nodes know nothing of each other. */
  ClusterPlan lone() {
    this.joined = false;
    return this;
  }

  /** They share a PostgreSQL. */
  ClusterPlan withDatabase() {
    this.withDatabase = true;
    return this;
  }

  /** Links between them can be cut. */
  ClusterPlan withNamespaces() {
    this.withNamespaces = true;
    return this;
  }

  ClusterPlan minimumMembers(int members) {
    this.minimumMembers = members;
    return this;
  }

  /** More lines of every node's configuration. */
  ClusterPlan config(String... lines) {
    configuration.addAll(Arrays.asList(lines));
    return this;
  }

  /** Makes it and starts it. */
  TestCluster start() {
    return TestCluster.of(this).start();
  }

  int nodes() {
    return nodes;
  }

  Network network() {
    return withNamespaces ? Namespaces.of(nodes) : new Loopback();
  }

  @Nullable Database database(Network network) {
    return withDatabase ? new Database(network.hub()) : null;
  }

  TestNode node(int number, String name, Network network, @Nullable Database database) {
    String address = network.address(number);
    StokerHome own = new StokerHome(home.directory().resolve("node" + number));
    List<String> lines = new ArrayList<>(configuration);
    lines.add("node: {name: " + name + ", slots: " + slots + more + "}");
    lines.add("http: {host: " + address + ", port: " + TestNode.PORT + ", stall: 60s}");
    lines.add("management: {host: " + address + ", port: " + TestNode.MANAGEMENT_PORT + "}");
    if (database != null) {
      lines.add(
          "ledger: {url: '%s', user: %s, password: none}".formatted(database.url(), Database.USER));
    }
    if (joined) {
      lines.add(cluster(name, address, network));
    }
    own.config(lines.toArray(String[]::new));
    own.jvm("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    return new TestNode(own, name, address, network.prefix(number), arguments(own));
  }

  private String cluster(String name, String address, Network network) {
    String members =
        IntStream.range(0, nodes)
            .mapToObj(i -> "'" + network.address(i) + ":" + CLUSTER_PORT + "'")
            .collect(Collectors.joining(", ", "[", "]"));
    return "cluster: {name: %s, bind: %s, port: %d, members: %s, minimumMembers: %d}"
        .formatted(
            name.substring(0, name.lastIndexOf('n')),
            address,
            CLUSTER_PORT,
            members,
            minimumMembers);
  }

  private List<String> arguments(StokerHome own) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "serve",
                "--config",
                own.config().toString(),
                "--catalog",
                home.catalog().toString(),
                "--data",
                own.data().toString()));
    if (joined) {
      arguments.add("--cluster");
    }
    return arguments;
  }
}
