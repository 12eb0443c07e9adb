package dev.stoker.cluster;

import dev.stoker.run.NodeId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** No cluster. Thread-safe. */
final class Alone implements Members {
  private final NodeId self;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<NodeId, NodeInfo> present = Map.of();

  Alone(NodeId self) {
    this.self = self;
  }

  @Override
  public NodeId self() {
    return self;
  }

  @Override
  public Map<NodeId, NodeInfo> present() {
    return present;
  }

  @Override
  public boolean isClustered() {
    return false;
  }

  @Override
  public boolean hasQuorum() {
    return true;
  }

  @Override
  public void announce(NodeInfo info) {
    present = Map.of(self, info);
    listeners.forEach(Runnable::run);
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}
