package dev.stoker.nemesis;

import static java.util.stream.Collectors.joining;

import dev.stoker.Http;
import dev.stoker.ProcessTable;
import dev.stoker.StokerHome;
import dev.stoker.nemesis.Network.Direction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Several Stoker JVMs as one cluster, or as many lone nodes. All that it starts and makes is gone
 * when it is closed.
 *
 * <p>Made and closed by one thread; the rest is thread-safe.
 */
final class TestCluster implements AutoCloseable {
  /** After a kill, a pause or a cut is undone the cluster is whole again within this. */
  static final Duration WHOLE_AGAIN = Duration.ofSeconds(15);

  private final Network network;
  private final @Nullable Database database;
  private final List<TestNode> nodes;
  private final String names;
  private final List<Disturbance> disturbances = new ArrayList<>();

  private TestCluster(
      Network network, @Nullable Database database, List<TestNode> nodes, String names) {
    this.network = network;
    this.database = database;
    this.nodes = List.copyOf(nodes);
    this.names = names;
  }

  static ClusterPlan of(int nodes, StokerHome home) {
    return new ClusterPlan(nodes, home);
  }

  /** What a plan asks for; nothing is started yet. */
  static TestCluster of(ClusterPlan plan) {
    Network network = plan.network();
    try {
      Database database = plan.database(network);
      String names =
          "t" + ProcessHandle.current().pid() + "x" + Long.toString(System.nanoTime(), 36);
      List<TestNode> nodes = new ArrayList<>();
      for (int i = 0; i < plan.nodes(); i++) {
        nodes.add(plan.node(i, names + "n" + i, network, database));
      }
      return new TestCluster(network, database, nodes, names);
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  /** Starts all nodes and waits until they serve. */
  TestCluster start() {
    try {
      nodes.forEach(TestNode::begin);
      nodes.forEach(TestNode::awaitReady);
      return this;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  int size() {
    return nodes.size();
  }

  TestNode node(int node) {
    return nodes.get(node);
  }

  /** A caller of a node. The one who asks closes it. */
  Http http(int node) {
    return new Http(nodes.get(node).address());
  }

  Optional<Database> database() {
    return Optional.ofNullable(database);
  }

  void kill9(int node) {
    begins(node, "kill -9");
    nodes.get(node).kill9();
  }

  /** All of them die in the same moment. */
  void killAll() {
    String pids = nodes.stream().map(node -> Long.toString(node.pid())).collect(joining(" "));
    for (int i = 0; i < nodes.size(); i++) {
      begins(i, "kill -9");
    }
    Shell.run("sh", "-c", "kill -KILL " + pids);
    nodes.forEach(TestNode::kill9);
  }

  /** Starts it again and returns at once. */
  void restart(int node) {
    nodes.get(node).begin();
    ends(node, Duration.ZERO);
  }

  /** SIGTERM; returns when it is gone. The others know all the time what it does. */
  int terminate(int node) {
    begins(node, "terminate");
    ends(node, Duration.ZERO);
    return nodes.get(node).terminate();
  }

  void pause(int node) {
    begins(node, "pause");
    nodes.get(node).pause();
  }

  void resume(int node) {
    nodes.get(node).resume();
    ends(node, WHOLE_AGAIN);
  }

  void cut(int node) {
    begins(node, "cut");
    network.cut(node);
  }

  void cutOneWay(int node, Direction direction) {
    begins(node, "cut " + direction);
    network.cutOneWay(node, direction);
  }

  void heal(int node) {
    network.heal(node);
    ends(node, WHOLE_AGAIN);
  }

  /** Undoes all that has been done, and waits until every node serves. */
  void makeWhole() {
    for (int i = 0; i < nodes.size(); i++) {
      network.heal(i);
      nodes.get(i).resume();
      if (!nodes.get(i).isAlive()) {
        nodes.get(i).begin();
      }
      ends(i, WHOLE_AGAIN);
    }
    nodes.forEach(TestNode::awaitReady);
  }

  synchronized List<Disturbance> disturbances() {
    return List.copyOf(disturbances);
  }

  private synchronized void begins(int node, String what) {
    disturbances.add(new Disturbance(node, what, System.currentTimeMillis(), Disturbance.GOES_ON));
  }

  private synchronized void ends(int node, Duration later) {
    long end = System.currentTimeMillis() + later.toMillis();
    disturbances.replaceAll(
        one -> one.node() == node && one.toMillis() == Disturbance.GOES_ON ? one.until(end) : one);
  }

  /** The number of the node that a process's mark or a run's record names; -1: none of ours. */
  int nodeOf(String text) {
    for (int i = 0; i < nodes.size(); i++) {
      if (text.startsWith(nodes.get(i).name() + "-")) {
        return i;
      }
    }
    return -1;
  }

  /** The processes of this cluster's runs that live, each with its mark. */
  Map<Long, String> processes() {
    Map<Long, String> marks = ProcessTable.marks();
    marks.values().removeIf(mark -> !mark.startsWith(names));
    return marks;
  }

  @Override
  public void close() {
    nodes.forEach(TestNode::close);
    processes()
        .keySet()
        .forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    if (database != null) {
      database.close();
    }
    network.close();
  }
}
