package dev.stoker.cluster;

import dev.stoker.run.NodeId;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The nodes that are in the cluster now, as this one sees it. Thread-safe; nothing blocks. */
public interface Members {
  /** This node. */
  NodeId self();

  /** Every node that is present and has announced itself; this one included once it has. */
  Map<NodeId, NodeInfo> present();

  /** Every node that is in the cluster, announced or not; this one included. */
  default Set<NodeId> nodes() {
    Set<NodeId> nodes = new HashSet<>(present().keySet());
    nodes.add(self());
    return nodes;
  }

  /** Whether the node is in the cluster, announced or not, in this very life. */
  default boolean isPresent(NodeId node) {
    return node.equals(self()) || nodes().contains(node);
  }

  /** Whether there may be others: false for a node that never joined a cluster. */
  boolean isClustered();

  /**
   * Whether enough members are here to accept what must be recorded; always, unless the operator
   * has said how many are needed.
   */
  boolean hasQuorum();

  /** Tells the others of this node, in place of what it told before. */
  void announce(NodeInfo info);

  /**
   * Has {@code listener} called after every change of {@link #present}; by any thread, one call at
   * a time; it must not block.
   */
  void onChange(Runnable listener);

  /** A node that is alone for all its life. */
  static Members alone(NodeId self) {
    return new Alone(self);
  }
}
