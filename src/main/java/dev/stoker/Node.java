package dev.stoker;

import dev.stoker.audit.Audit;
import dev.stoker.blob.BlobStore;
import dev.stoker.bridge.EventBridge;
import dev.stoker.bus.Bus;
import dev.stoker.cache.ResultCache;
import dev.stoker.cgroup.Cgroups;
import dev.stoker.check.StaticCheck;
import dev.stoker.cluster.Cluster;
import dev.stoker.cluster.ClusterSettings;
import dev.stoker.cluster.Members;
import dev.stoker.config.Settings;
import dev.stoker.config.Settings.Endpoint;
import dev.stoker.contract.Contract;
import dev.stoker.dispatch.DispatchParts;
import dev.stoker.dispatch.Dispatcher;
import dev.stoker.dispatch.Runs;
import dev.stoker.executor.Executor;
import dev.stoker.executor.ExecutorParts;
import dev.stoker.function.FunctionSettings;
import dev.stoker.function.Functions;
import dev.stoker.gateway.Gateway;
import dev.stoker.gateway.GatewayParts;
import dev.stoker.gateway.GatewaySettings;
import dev.stoker.gateway.ManagementServer;
import dev.stoker.gateway.Nodes;
import dev.stoker.gateway.Probes;
import dev.stoker.ledger.Ledger;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.permit.Permits;
import dev.stoker.pool.WarmSandboxes;
import dev.stoker.pool.WarmSettings;
import dev.stoker.process.ProcessRunner;
import dev.stoker.request.CommandReader;
import dev.stoker.request.Tools;
import dev.stoker.run.NodeId;
import dev.stoker.sandbox.Sandboxes;
import dev.stoker.telemetry.Metrics;
import dev.stoker.telemetry.Metrics.About;
import dev.stoker.tls.CertificateFault;
import dev.stoker.tls.Certificates;
import dev.stoker.tls.TlsFiles;
import dev.stoker.tool.Catalog;
import dev.stoker.trace.Tracing;
import dev.stoker.worker.WorkerSettings;
import dev.stoker.worker.Workers;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running Stoker: every feature made and handed to those who need it, in this order; closed in
 * the reverse order. Made and closed by one thread, not an event loop.
 */
final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration LOOK_PAUSE = Duration.ofSeconds(5);
  private static final Duration LOOK_MAX_AGE = Duration.ofSeconds(30);
  private static final int LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors());

  private final Settings settings;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Steps steps = new Steps();
  private final List<Gateway> gateways = new ArrayList<>();
  private final Members members;
  private final Vertx vertx;
  private final Vertx managementVertx;
  private final Dispatcher dispatcher;
  private final Executor executor;
  private final ManagementServer management;
  private final String processes;
  private final IsolationTable isolation;
  private final Draining draining;

  private Node(Settings settings) throws IOException {
    this.settings = settings;
    try {
      steps.closeLater(DataLock.take(settings.data()));
      NodeId self = new NodeId(settings.node(), Epoch.next(settings.data()));
      Observation observation = Observation.open(settings, steps);
      Metrics metrics = observation.metrics();
      Tracing tracing = observation.tracing();
      Audit audit = observation.audit();
      // Before the runner, so that it is closed after it: threads of the runner's are in its
      // groups.
      Cgroups cgroups = steps.closeLater(Cgroups.open(settings.sandbox().cgroups()));
      ProcessRunner runner = steps.closeLater(ProcessRunner.open(settings.process()));
      processes = runner.describe();
      killLeftovers(runner);
      Sandboxes sandboxes = steps.closeLater(Sandboxes.open(settings.sandbox(), runner, cgroups));
      Functions functions =
          steps.closeLater(
              Functions.open(
                  FunctionSettings.of(settings.executor().slots(), settings.sandbox().defaults())));
      Workers workers = steps.closeLater(Workers.open(workers(), sandboxes));
      Starters starters = new Starters(sandboxes, functions, workers);
      isolation = IsolationTable.of(sandboxes.layers(), starters, settings.catalog());
      isolation.register(metrics);
      Analysers analysers = new Analysers(settings.check(), settings.catalog(), sandboxes, runner);
      StaticCheck check = steps.closeLater(StaticCheck.open(settings.check(), analysers, metrics));
      Catalog catalog =
          steps.closeLater(Catalog.open(settings.catalog(), Analysers.abilities(starters, check)));
      WarmSandboxes warm =
          steps.closeLater(
              WarmSandboxes.open(
                  new WarmSettings(
                      settings.sandbox().warmMax(),
                      settings.sandbox().warmMemory().bytes(),
                      settings.executor().drain()),
                  catalog,
                  sandboxes,
                  settings.node() + "/"));
      members = join(settings.cluster(), self);
      vertx =
          steps.vertx(
              new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(LOOPS),
              members);
      Bus.install(vertx.eventBus());
      BlobStore blobs = steps.closeLater(BlobStore.open(vertx, settings.blobs()));
      Ledger ledger = steps.closeLater(ledger(self));
      Outputs outputs = new Outputs(vertx, settings.output(), blobs);
      Shared shared = shared(blobs, outputs);
      Peers peers = shared.peers();
      ResultCache cache = shared.cache();
      Permits permits = shared.permits();
      executor =
          new Executor(
              settings.executor(),
              new ExecutorParts(
                  members, catalog, starters.with(warm), blobs, peers, outputs, metrics, tracing));
      dispatcher =
          new Dispatcher(
              settings.dispatch(),
              new DispatchParts(
                  members, catalog, ledger, cache, permits, blobs, peers, outputs, metrics, tracing,
                  audit));
      // Loops are given in turn: where there are two, the pair that talks most shares the first.
      steps.deploy(vertx, executor);
      steps.deploy(vertx, new Housekeeping(settings.sweepEvery(), ledger, blobs, cache));
      steps.deploy(vertx, dispatcher);
      Gauges gauges =
          new Gauges(
              settings,
              members,
              dispatcher,
              executor,
              outputs,
              cache,
              catalog,
              ledger,
              new AtomicBoolean());
      gauges.register(metrics);
      Samples samples = steps.closeLater(new Samples(LOOK_PAUSE, LOOK_MAX_AGE));
      new Resources(settings, members, warm, workers, samples).register(metrics);
      Probes probes = gauges.probes(metrics);
      Contract contract = Steps.await("read the API's description", Contract.load(vertx));
      Runs runs = new Runs(vertx.eventBus(), self);
      draining =
          new Draining(
              vertx, members, dispatcher, executor, settings.notice().isPositive(), this::leave);
      GatewayParts parts =
          new GatewayParts(
              contract,
              catalog,
              runs,
              outputs,
              blobs,
              peers,
              check,
              ledger,
              cache,
              metrics,
              tracing,
              audit,
              probes,
              new Nodes(members, gauges::loads, draining, dispatcher::leaving),
              certificates(metrics));
      deployGateways(parts);
      metrics.gauge(
          new About("http.connections", "Open connections of the API"),
          () -> gateways.stream().mapToInt(Gateway::connections).sum());
      metrics.gauge(
          new About("http.connections.capacity", "Connections that may be open"),
          () -> LOOPS * settings.gateway().connections());
      EventBridge bridge =
          new EventBridge(
              new EventBridge.Parts(
                  contract,
                  new Tools(catalog, members),
                  new CommandReader(
                      blobs,
                      parts.peers(),
                      check,
                      new CommandReader.Limits(
                          settings.gateway().jsonBody(), settings.gateway().stdin())),
                  runs,
                  metrics,
                  tracing,
                  audit),
              settings.gateway().waitMax());
      steps.deploy(vertx, bridge);
      // One for each loop, given in turn.
      for (int i = 0; i < LOOPS; i++) {
        steps.deploy(vertx, new LoopWatch(metrics));
      }
      steps.deploy(vertx, new BusWatch(members, metrics));
      Announcement announcement =
          new Announcement(
              members,
              catalog,
              new Announcement.Facts(address(), settings.executor().slots(), processes, isolation),
              dispatcher::leaving);
      announcement.begin(vertx);
      Steps.await("listen to the other nodes", draining.begin(announcement::tell, bridge::leave));
      // A loop of its own: whatever the others have to do, health is told.
      managementVertx =
          steps.vertx(new VertxOptions().setEventLoopPoolSize(1), Members.alone(self));
      management =
          new ManagementServer(
              settings.management().host(),
              settings.management().port(),
              probes,
              contract,
              catalog);
      steps.listen("management", settings.management(), managementVertx, management);
      // Last: who has to mend the configuration first is told that and nothing else.
      isolation.log();
      analysers.log();
      new EntryFindings(catalog, check).begin(vertx);
      observation.tell(catalog, steps);
    } catch (IOException | RuntimeException e) {
      steps.close();
      throw e;
    }
  }

  /**
   * Starts a node; it serves when this returns.
   *
   * @throws StartupException with one line for the operator
   */
  static Node start(Settings settings) {
    try {
      return new Node(settings);
    } catch (IOException e) {
      throw new StartupException("data: " + e.getMessage(), e);
    }
  }

  /** How the gateway is spoken to: {@code http} or {@code https}. */
  String scheme() {
    return settings.gateway().edge().tls() == null ? "http" : "https";
  }

  String address() {
    return settings.gateway().host() + ":" + gateways.getFirst().port();
  }

  String managementAddress() {
    return settings.management().host() + ":" + management.port();
  }

  String processes() {
    return processes;
  }

  IsolationTable isolation() {
    return isolation;
  }

  Path data() {
    return settings.data();
  }

  /**
   * Takes no more commands, lets runs go on for the configured time, ends the rest and closes
   * everything. Blocks. Idempotent.
   */
  @Override
  public synchronized void close() {
    if (steps.isClosed()) {
      return;
    }
    giveNotice();
    Steps.tryTo("take no more", draining.drain(), Duration.ZERO);
    long end = System.nanoTime() + settings.drain().toNanos();
    while (busy() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    // Before the gateways are closed: whoever waits for a run still hears how it ended.
    Steps.tryTo("end what still runs", executor.end(), settings.catalog().grace().max());
    steps.close();
    closed.countDown();
  }

  /**
   * While whoever sends commands here finds out that they belong elsewhere, they are still taken.
   */
  private void giveNotice() {
    if (!settings.notice().isPositive() || dispatcher.draining()) {
      return;
    }
    Steps.tryTo("give notice", draining.giveNotice(), Duration.ZERO);
    long end = System.nanoTime() + settings.notice().toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private void leave() {
    LOG.info("told to drain: leaving");
    Thread.ofPlatform().name("stoker-leave").start(this::close);
  }

  /** Waits until the node is closed, by whomever. */
  void awaitClosed() throws InterruptedException {
    closed.await();
  }

  /**
   * Those that run are given time, other nodes' too, and those that wait here while others can run
   * them.
   */
  private boolean busy() {
    Dispatcher.Load load = dispatcher.load();
    return load.running() > 0
        || executor.slotsUsed() > 0
        || (members.present().size() > 1 && load.queued() > 0);
  }

  private WorkerSettings workers() {
    return new WorkerSettings(
        settings.data().resolve("workers"), settings.sandbox().defaults().memory());
  }

  private Ledger ledger(NodeId self) throws IOException {
    return members instanceof Cluster cluster
        ? Ledger.open(vertx, settings.ledger(), self, cluster.hazelcast())
        : Ledger.open(vertx, settings.ledger(), self);
  }

  /** What nodes share, or what stands for it where there are no others. */
  private record Shared(Peers peers, ResultCache cache, Permits permits) {}

  private Shared shared(BlobStore blobs, Outputs outputs) throws IOException {
    if (!(members instanceof Cluster cluster)) {
      return new Shared(
          Peers.alone(blobs),
          steps.closeLater(ResultCache.create(settings.cache().nodeMax())),
          Permits.alone());
    }
    return new Shared(
        steps.closeLater(Peers.over(vertx, cluster, blobs, outputs)),
        steps.closeLater(
            ResultCache.clustered(settings.cache(), cluster.hazelcast(), cluster, vertx)),
        Permits.clustered(vertx, cluster.hazelcast(), cluster));
  }

  private @Nullable Certificates certificates(Metrics metrics) {
    TlsFiles files = settings.gateway().edge().tls();
    if (files == null) {
      return null;
    }
    try {
      Certificates own = steps.closeLater(Certificates.open(vertx, files));
      metrics.gauge(
          new About(
              "certificate.expiry.timestamp",
              "seconds",
              "When the certificate ends, in seconds since 1970"),
          Map.of("use", "http"),
          () -> own.current().expiresAt().getEpochSecond());
      return own;
    } catch (CertificateFault e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private Members join(@Nullable ClusterSettings cluster, NodeId self) {
    return cluster == null ? Members.alone(self) : steps.closeLater(Cluster.join(cluster, self));
  }

  private void killLeftovers(ProcessRunner runner) {
    int killed = runner.killLeftovers(settings.node() + "/");
    if (killed > 0) {
      LOG.warn("killed {} processes that an earlier life of this node had left", killed);
    }
  }

  /** They share one port: a negative one is any that is free, the same for all. */
  private void deployGateways(GatewayParts parts) {
    GatewaySettings own = settings.gateway();
    Endpoint endpoint = new Endpoint(own.host(), own.port());
    GatewaySettings shared = own.port() == 0 ? own.onPort(-1) : own;
    for (int i = 0; i < LOOPS; i++) {
      Gateway gateway = new Gateway(shared, parts);
      steps.listen("http", endpoint, vertx, gateway);
      gateways.add(gateway);
    }
  }
}
