package dev.stoker.gateway;

import dev.stoker.cluster.Members;
import dev.stoker.run.NodeId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a gateway knows of the cluster's nodes. The suppliers are called on event loops and must not
 * block.
 *
 * @param loads how much each node has to do, as it said last; a node may be left out
 * @param draining whether this node takes no more
 */
public record Nodes(
    Members members, Supplier<Map<NodeId, Load>> loads, Drains drains, BooleanSupplier draining) {

  /**
   * How much a node has to do.
   *
   * @param queued commands that wait there
   * @param oldest how long the first of them has waited
   */
  public record Load(int slotsUsed, int queued, Duration oldest) {}

  /** Tells nodes to take no more commands. Thread-safe. */
  @FunctionalInterface
  public interface Drains {
    /** Completes when the node, this one or another, has heard it. The second time is as good. */
    Future<Void> drain(NodeId node);
  }
}
