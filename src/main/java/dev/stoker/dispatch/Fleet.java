package dev.stoker.dispatch;

import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.executor.NodeLoad;
import dev.stoker.run.NodeId;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Tool;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which executors there are, and what room each has, as far as this node knows: what it last heard
 * of each, less what it has asked for since. A hint: the executor decides. Not thread-safe:
 * confined to the dispatcher's context.
 */
final class Fleet {
  private final Members members;
  private final NodeId self;
  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Map<NodeId, Node> nodes = new HashMap<>();

  /**
   * @param slots of this node
   */
  Fleet(Members members, int slots) {
    this.members = members;
    this.self = members.self();
    nodes.put(self, new Node(new NodeLoad(self, 0, slots, 0, Map.of(), false)));
  }

  /** Looks who is there, and says who is there no more. */
  List<NodeId> refresh() {
    Map<NodeId, NodeInfo> present = members.present();
    present.forEach(
        (id, info) -> {
          Node node =
              nodes.computeIfAbsent(
                  id, n -> new Node(new NodeLoad(id, 0, info.slots(), 0, Map.of(), false)));
          if (!info.equals(node.info)) {
            node.info = info;
            node.refused.clear();
          }
        });
    List<NodeId> gone = new ArrayList<>();
    for (NodeId known : Set.copyOf(nodes.keySet())) {
      if (!members.isPresent(known)) {
        nodes.remove(known);
        gone.add(known);
      }
    }
    return gone;
  }

  /** Takes what a node says of itself; an older word changes nothing. */
  void heard(NodeLoad load) {
    Node node = nodes.get(load.node());
    if (node != null && load.sequence() > node.load.sequence()) {
      node.load = load;
      node.silent = false;
    }
  }

  /** A node has been asked to run this; {@link #answered} follows. */
  void asked(NodeId id, Tool tool) {
    Node node = nodes.get(id);
    if (node != null) {
      node.pending++;
      node.pendingByTool.merge(tool.name(), 1, Integer::sum);
    }
  }

  /** It has answered, or will not. */
  void answered(NodeId id, Tool tool) {
    Node node = nodes.get(id);
    if (node != null) {
      // It may have gone and come back since it was asked.
      node.pending = Math.max(0, node.pending - 1);
      node.pendingByTool.computeIfPresent(
          tool.name(), (name, count) -> count > 1 ? count - 1 : null);
    }
  }

  /** It did not answer: nothing is asked of it until something is heard. */
  void silent(NodeId id) {
    Node node = nodes.get(id);
    if (node != null) {
      node.silent = true;
    }
  }

  /** It has another version of the tool than it says. */
  void refused(NodeId id, Tool tool) {
    Node node = nodes.get(id);
    if (node != null) {
      node.refused.put(tool.name(), tool.digest().hex());
    }
  }

  /** The node with the most room for the tool; of equals this one, else any. */
  Optional<NodeId> choose(Tool tool) {
    if (nodes.size() == 1) {
      return free(self, tool) > 0 ? Optional.of(self) : Optional.empty();
    }
    int most = free(self, tool);
    List<NodeId> best = new ArrayList<>();
    for (NodeId id : nodes.keySet()) {
      int free = free(id, tool);
      if (free > most) {
        most = free;
        best.clear();
      }
      if (free == most) {
        best.add(id);
      }
    }
    if (most <= 0) {
      return Optional.empty();
    }
    return Optional.of(best.contains(self) ? self : best.get(random.nextInt(best.size())));
  }

  /** Runs of the tool that would find a slot now. */
  int room(Tool tool) {
    int room = 0;
    for (NodeId id : nodes.keySet()) {
      room += Math.max(0, free(id, tool));
    }
    return room;
  }

  /** Slots that are free now, for any tool. */
  int room() {
    int room = 0;
    for (Node node : nodes.values()) {
      if (!node.load.draining()) {
        room += Math.max(0, node.load.slots() - node.load.used() - node.pending);
      }
    }
    return room;
  }

  /** Runs of the tool that there may be at once where it can run. */
  int width(Tool tool) {
    int width = 0;
    for (Map.Entry<NodeId, Node> node : nodes.entrySet()) {
      if (canRun(node.getKey(), node.getValue(), tool)) {
        width += Math.min(node.getValue().load.slots(), tool.definition().concurrency().perNode());
      }
    }
    return width;
  }

  /** Whether any node that is there can run the tool, with or without room. */
  boolean canRun(Tool tool) {
    return nodes.entrySet().stream().anyMatch(node -> canRun(node.getKey(), node.getValue(), tool));
  }

  /** The program's digest where the tool can run on another node. */
  Optional<String> executable(Tool tool) {
    return nodes.entrySet().stream()
        .filter(node -> !node.getKey().equals(self))
        .filter(node -> canRun(node.getKey(), node.getValue(), tool))
        .map(node -> node.getValue().info)
        .filter(info -> info != null && info.tools().containsKey(tool.name()))
        .map(info -> info.tools().get(tool.name()).executable())
        .findFirst();
  }

  /** What every node says of itself. */
  Map<NodeId, NodeLoad> loads() {
    Map<NodeId, NodeLoad> loads = HashMap.newHashMap(nodes.size());
    nodes.forEach((id, node) -> loads.put(id, node.load));
    return loads;
  }

  private int free(NodeId id, Tool tool) {
    Node node = nodes.get(id);
    if (node == null || node.silent || !canRun(id, node, tool)) {
      return 0;
    }
    NodeLoad load = node.load;
    int perNode = tool.definition().concurrency().perNode();
    return load.draining()
        ? 0
        : Math.min(
            load.slots() - load.used() - node.pending,
            perNode
                - load.usedByTool().getOrDefault(tool.name(), 0)
                - node.pendingByTool.getOrDefault(tool.name(), 0));
  }

  /** This node runs what it has taken in, whatever its catalog says by now. */
  private boolean canRun(NodeId id, Node node, Tool tool) {
    if (id.equals(self)) {
      return tool.availability() instanceof Availability.Available;
    }
    NodeInfo info = node.info;
    if (info == null || info.draining()) {
      return false;
    }
    NodeInfo.ToolMark mark = info.tools().get(tool.name());
    String definition = tool.digest().hex();
    return mark != null
        && mark.definition().equals(definition)
        && !definition.equals(node.refused.get(tool.name()));
  }

  private static final class Node {
    private final Map<String, Integer> pendingByTool = new HashMap<>();
    private final Map<String, String> refused = new HashMap<>();
    private NodeLoad load;
    private @Nullable NodeInfo info;
    private int pending;
    private boolean silent;

    Node(NodeLoad load) {
      this.load = load;
    }
  }
}
