package dev.stoker;

import dev.stoker.cache.ResultCache;
import dev.stoker.cluster.Cluster;
import dev.stoker.cluster.Members;
import dev.stoker.config.Settings;
import dev.stoker.dispatch.Dispatcher;
import dev.stoker.executor.Executor;
import dev.stoker.gateway.Nodes;
import dev.stoker.gateway.Probes;
import dev.stoker.gateway.Probes.Check;
import dev.stoker.ledger.Ledger;
import dev.stoker.output.Outputs;
import dev.stoker.run.NodeId;
import dev.stoker.telemetry.Metrics;
import dev.stoker.telemetry.Metrics.About;
import dev.stoker.tool.Catalog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** What this node tells about itself when somebody looks. Thread-safe; nothing here blocks. */
record Gauges(
    Settings settings,
    Members members,
    Dispatcher dispatcher,
    Executor executor,
    Outputs outputs,
    ResultCache cache,
    Catalog catalog,
    Ledger ledger,
    AtomicBoolean wasHealthy) {

  void register(Metrics metrics) {
    catalog.onChange(() -> expect(metrics));
    expect(metrics);
    registerNode(metrics);
    registerWork(metrics);
    registerCache(metrics);
    registerLedger(metrics);
    if (members.isClustered()) {
      registerCluster(metrics);
    }
  }

  private void expect(Metrics metrics) {
    catalog.tools().forEach(tool -> metrics.expect(tool.name()));
  }

  private void registerNode(Metrics metrics) {
    String zone = members instanceof Cluster cluster ? cluster.zone() : "";
    metrics.gauge(
        new About("node.info", "What this node is: 1"),
        Map.of("node", members.self().name(), "version", Version.text(), "zone", zone),
        () -> 1);
    metrics.gauge(
        new About("draining", "Whether the node has given notice, or takes no more commands"),
        () -> dispatcher.leaving() ? 1 : 0);
    metrics.gauge(
        new About("catalog.problems", "Catalog files whose newest content is refused"),
        () -> catalog.problems().size());
  }

  private void registerWork(Metrics metrics) {
    metrics.gauge(
        new About("queue.depth", "Commands that wait for a slot"),
        () -> dispatcher.load().queued());
    metrics.gauge(
        new About("queue.capacity", "Commands that may wait for a slot"),
        () -> settings.dispatch().queue());
    metrics.gauge(
        new About(
            "queue.oldest", "seconds", "How long the command that has waited longest has waited"),
        () -> dispatcher.load().oldestAge().toNanos() / 1e9);
    metrics.gauge(
        new About("slots", "Commands that run at once"), () -> settings.executor().slots());
    metrics.gauge(new About("slots.used", "Slots in use"), executor::slotsUsed);
    metrics.gauge(
        new About("attempts", "Attempts at runs that are under way here"), executor::attempts);
    metrics.gauge(
        new About("spool", "bytes", "Output of running runs on disk"), outputs::fileBytes);
    metrics.gauge(new About("spool.runs", "Runs whose output is open"), outputs::open);
  }

  private void registerCache(Metrics metrics) {
    metrics.gauge(
        new About("cache.entries", "Results that this node holds"),
        () -> cache.holding().entries());
    metrics.gauge(
        new About("cache", "bytes", "Heap that they take, as weighed"),
        () -> cache.holding().bytes());
    metrics.gauge(
        new About("cache.capacity", "bytes", "Heap that they may take"),
        () -> cache.holding().bytesMax());
    metrics.count(
        new About("cache.evictions", "Results dropped for want of room or for their age"),
        cache,
        held -> held.holding().evicted());
  }

  private void registerLedger(Metrics metrics) {
    metrics.gauge(
        new About("ledger.healthy", "Whether the ledger can write"), () -> healthy() ? 1 : 0);
    metrics.gauge(
        new About("ledger.unwritten", "Runs that are not in the ledger yet"), ledger::unwritten);
    metrics.count(
        new About("ledger.failures", "Failed uses of the ledger's store"),
        ledger,
        Ledger::failures);
  }

  /** As this node sees the cluster; every node says it of the same one. */
  private void registerCluster(Metrics metrics) {
    metrics.gauge(new About("cluster.nodes", "Nodes in the cluster"), () -> members.nodes().size());
    metrics.gauge(
        new About(
            "cluster.quorum", "Whether as many nodes are here as cluster.minimumMembers says"),
        () -> members.hasQuorum() ? 1 : 0);
    metrics.gauge(
        new About("cluster.slots", "Commands that run at once on all nodes"),
        () -> dispatcher.statuses().values().stream().mapToInt(Dispatcher.Status::slots).sum());
    metrics.gauge(
        new About("cluster.slots.used", "Slots in use on all nodes"),
        () -> dispatcher.statuses().values().stream().mapToInt(Dispatcher.Status::used).sum());
    metrics.gauge(
        new About("cluster.queue.depth", "Commands that wait for a slot on all nodes"),
        () -> dispatcher.statuses().values().stream().mapToInt(Dispatcher.Status::queued).sum());
    metrics.count(
        new About("cache.cluster.failures", "Questions to the cluster's cache that failed"),
        cache,
        ResultCache::clusterFailures);
  }

  Probes probes(Metrics metrics) {
    return new Probes(this::readiness, metrics::told);
  }

  /** How much each node has to do, as it last said. */
  Map<NodeId, Nodes.Load> loads() {
    Map<NodeId, Nodes.Load> loads = new HashMap<>();
    dispatcher
        .statuses()
        .forEach(
            (node, status) ->
                loads.put(node, new Nodes.Load(status.used(), status.queued(), status.oldest())));
    Dispatcher.Load here = dispatcher.load();
    loads.put(
        members.self(), new Nodes.Load(executor.slotsUsed(), here.queued(), here.oldestAge()));
    return loads;
  }

  private boolean healthy() {
    return ledger.healthy();
  }

  private List<Check> readiness() {
    return List.of(
        new Check(
            "accepting",
            dispatcher.leaving() ? Optional.of("the node is stopping") : Optional.empty()),
        new Check(
            "ledger",
            isServing() ? Optional.empty() : Optional.of("the ledger cannot be written")));
  }

  /**
   * Whether traffic should come here, for all the ledger can do. The store of a cluster is away for
   * all nodes at once: none of them would be better, and most commands need no record.
   */
  private boolean isServing() {
    boolean healthy = healthy();
    if (healthy) {
      wasHealthy.set(true);
    }
    return healthy || (members.isClustered() && !ledger.isStrict() && wasHealthy.get());
  }
}
