package dev.stoker.cache;

import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.run.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The nodes that a test says are there. Thread-safe. */
final class FakeMembers implements Members {
  private final NodeId self;
  private final Map<NodeId, NodeInfo> present = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  FakeMembers(NodeId self, NodeId... others) {
    this.self = self;
    add(self);
    List.of(others).forEach(this::add);
  }

  void add(NodeId node) {
    present.put(node, info(node));
    listeners.forEach(Runnable::run);
  }

  void remove(NodeId node) {
    present.remove(node);
    listeners.forEach(Runnable::run);
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
    listeners.forEach(Runnable::run);
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  private static NodeInfo info(NodeId node) {
    return new NodeInfo(
        node, "1", "127.0.0.1:1", Instant.EPOCH, 1, false, "native", List.of(), Map.of());
  }
}
