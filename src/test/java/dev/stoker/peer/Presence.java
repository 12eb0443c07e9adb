package dev.stoker.peer;

import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.run.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who is there, as every node of a test sees it. Thread-safe. */
final class Presence {
  private final Map<NodeId, NodeInfo> present = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  Members join(NodeId node) {
    announce(info(node));
    return new View(node);
  }

  void leave(NodeId node) {
    present.remove(node);
    listeners.forEach(Runnable::run);
  }

  private void announce(NodeInfo info) {
    present.put(info.id(), info);
    listeners.forEach(Runnable::run);
  }

  private static NodeInfo info(NodeId node) {
    return new NodeInfo(
        node, "1", "127.0.0.1:1", Instant.EPOCH, 1, false, "none", List.of(), Map.of());
  }

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
      Presence.this.announce(info);
    }

    @Override
    public void onChange(Runnable listener) {
      listeners.add(listener);
    }
  }
}
