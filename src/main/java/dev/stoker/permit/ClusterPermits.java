package dev.stoker.permit;

import com.hazelcast.config.MapConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.IMap;
import dev.stoker.cluster.Cluster;
import dev.stoker.cluster.Members;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One entry a tool: who holds which permit. The owner of the entry decides, one question after the
 * other. Thread-safe.
 */
final class ClusterPermits implements Permits {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterPermits.class);
  private static final String MAP = "stoker.permits";
  private static final long ANSWER_MILLIS = 2000;
  private static final long SWEEP_MILLIS = 1000;

  private final Vertx vertx;
  private final Members members;
  private final IMap<String, HashMap<String, String>> holders;
  // Owned by the sweep's context.
  private final Map<NodeId, Long> goneSinceNanos = new HashMap<>();

  ClusterPermits(Vertx vertx, HazelcastInstance hazelcast, Members members) {
    this.vertx = vertx;
    this.members = members;
    if (hazelcast.getConfig().getSplitBrainProtectionConfigs().containsKey(Cluster.QUORUM)) {
      // The smaller side of a split gives out none.
      hazelcast
          .getConfig()
          .addMapConfig(new MapConfig(MAP).setSplitBrainProtectionName(Cluster.QUORUM));
    }
    this.holders = hazelcast.getMap(MAP);
    vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
  }

  @Override
  public Future<Boolean> take(String tool, int max, RunId run) {
    Context caller = vertx.getOrCreateContext();
    Promise<Boolean> taken = Promise.promise();
    Future.fromCompletionStage(
            submit(tool, new Take(run.toString(), members.self().toString(), max)), caller)
        .timeout(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
        .onComplete(
            taken::complete,
            e -> {
              LOG.warn("the cluster does not say whether '{}' may run", tool, e);
              taken.complete(false);
            });
    return taken.future();
  }

  @Override
  public void give(String tool, RunId run) {
    give(tool, Map.of(run.toString(), members.self().toString()));
  }

  private void give(String tool, Map<String, String> runs) {
    Future.fromCompletionStage(submit(tool, new Give(new HashMap<>(runs))))
        .onFailure(e -> LOG.warn("permits of '{}' could not be given back", tool, e));
  }

  /** A member that is leaving refuses at once. */
  @SuppressWarnings("NonApiType") // the map's values are of a type that can be serialized
  private <R> CompletionStage<R> submit(
      String tool, EntryProcessor<String, HashMap<String, String>, R> what) {
    try {
      return holders.submitToKey(tool, what);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Every node frees what this node's entries show of nodes that are gone: once is enough. */
  private void sweep() {
    vertx
        .executeBlocking(
            () -> {
              for (String tool : holders.localKeySet()) {
                Map<String, String> held = holders.get(tool);
                if (held != null) {
                  free(tool, held);
                }
              }
              return null;
            },
            true)
        .onFailure(e -> LOG.debug("permits could not be looked through", e));
  }

  private synchronized void free(String tool, Map<String, String> held) {
    goneSinceNanos.keySet().removeIf(members::isPresent);
    Map<String, String> over = new HashMap<>();
    held.forEach(
        (run, home) -> {
          if (isOver(NodeId.parse(home))) {
            over.put(run, home);
          }
        });
    if (!over.isEmpty()) {
      LOG.info("{} permits of '{}' are free again: their nodes are gone", over.size(), tool);
      give(tool, over);
    }
  }

  private boolean isOver(NodeId home) {
    if (members.isPresent(home)) {
      return false;
    }
    // A node that came back has killed what its earlier life had left.
    boolean back =
        members.nodes().stream()
            .anyMatch(node -> node.name().equals(home.name()) && node.epoch() > home.epoch());
    long now = System.nanoTime();
    long since = goneSinceNanos.computeIfAbsent(home, node -> now);
    return back || now - since > FENCE.toNanos();
  }

  /** Takes a permit where one is free. */
  private record Take(String run, String home, int max)
      implements EntryProcessor<String, HashMap<String, String>, Boolean> {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean process(Map.Entry<String, HashMap<String, String>> entry) {
      HashMap<String, String> held =
          entry.getValue() == null ? new HashMap<>() : new HashMap<>(entry.getValue());
      if (!held.containsKey(run) && held.size() >= max) {
        return false;
      }
      held.put(run, home);
      entry.setValue(held);
      return true;
    }
  }

  /** Gives permits back: of each run the one that this home had taken. */
  private record Give(HashMap<String, String> runs)
      implements EntryProcessor<String, HashMap<String, String>, @Nullable Void> {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Void process(Map.Entry<String, HashMap<String, String>> entry) {
      if (entry.getValue() != null) {
        HashMap<String, String> held = new HashMap<>(entry.getValue());
        runs.forEach(held::remove);
        entry.setValue(held);
      }
      return null;
    }
  }
}
