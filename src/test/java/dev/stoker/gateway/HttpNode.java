package dev.stoker.gateway;

import dev.stoker.audit.Audit;
import dev.stoker.blob.BlobSettings;
import dev.stoker.blob.BlobStore;
import dev.stoker.bus.Bus;
import dev.stoker.cache.ResultCache;
import dev.stoker.check.CheckSettings;
import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Finding.Severity;
import dev.stoker.check.StaticCheck;
import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.contract.Contract;
import dev.stoker.dispatch.DispatchParts;
import dev.stoker.dispatch.DispatchSettings;
import dev.stoker.dispatch.Dispatcher;
import dev.stoker.dispatch.Runs;
import dev.stoker.executor.Executor;
import dev.stoker.executor.ExecutorParts;
import dev.stoker.executor.ExecutorSettings;
import dev.stoker.ledger.Ledger;
import dev.stoker.ledger.LedgerSettings;
import dev.stoker.output.OutputSettings;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.permit.Permits;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.run.ByteSize;
import dev.stoker.run.NodeId;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.trace.Tracing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A node that serves HTTP, with everything behind it, for real. */
final class HttpNode {
  private static final Members MEMBERS = Members.alone(new NodeId("test", 1));

  static final Map<String, String> TOOLS =
      Map.of(
          "echo.yaml",
              """
              name: echo
              description: Says it again
              command: [printf, "%s", "${params.text}"]
              parameters:
                properties: {text: {type: string, maxLength: 200000}, times: {type: integer, minimum: 1, maximum: 9}}
                required: [text]
              stdin: none
              isolation: none
              timeout: {default: 10s, max: 20s}
              """,
          "cached.yaml",
              """
              name: cached
              description: Says it again, once
              command: [printf, "%s", "${params.text}"]
              parameters:
                properties: {text: {type: string}}
                required: [text]
              stdin: none
              isolation: none
              cache: {ttl: 1h}
              """,
          "count.yaml",
              """
              name: count
              description: Counts what it reads
              command: [wc, -c]
              stdin: required
              isolation: none
              """,
          "sleep.yaml",
              """
              name: sleep
              description: Waits
              command: [sleep, "${params.seconds}"]
              parameters:
                properties: {seconds: {type: number, minimum: 0, maximum: 60}}
                required: [seconds]
              stdin: none
              isolation: none
              timeout: {default: 30s, max: 60s}
              """,
          "copy.yaml",
              """
              name: copy
              description: Copies a file
              command: [cp, "${inputs.file}", "${outputs.copy}"]
              inputs: {file: {required: true, maxSize: 8MiB}}
              outputs: {copy: {path: copy.bin, mediaType: video/x-test, required: true}}
              stdin: none
              isolation: none
              """,
          "shell.yaml",
              """
              name: shell
              description: Runs a script of the test
              command: [sh, -c, 'eval "$1"', sh, "${params.script}"]
              parameters:
                properties: {script: {type: string}}
                required: [script]
              stdin: optional
              isolation: none
              timeout: {default: 30s, max: 60s}
              limits: {stdout: 16MiB, stderr: 1MiB, onExceed: kill}
              """,
          "script.yaml",
              """
              name: script
              description: Runs a script from its standard input
              command: [sh, -s]
              stdin: required
              check: shell
              isolation: none
              """,
          "program.yaml",
              """
              name: program
              description: Runs a Python program
              command: [python3, "${inputs.program}"]
              inputs: {program: {required: true, maxSize: 4MiB, check: python}}
              isolation: none
              """,
          "missing.yaml",
              """
              name: missing
              description: Has no program
              command: [no-such-program-anywhere]
              stdin: none
              isolation: none
              """);

  /** Whether what runs has its files where the gateway has its own. */
  enum Layout {
    TOGETHER,
    /** The gateway is on a node that runs nothing, and has no file of the one that does. */
    APART
  }

  static final NodeId SELF = new NodeId("test", 2);

  final Vertx vertx = Vertx.vertx();
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Executor executor;
  final BlobStore blobs;
  final BlobStore gatewayBlobs;
  final Catalog catalog;
  final ResultCache cache = ResultCache.create(ByteSize.parse("16MiB"));
  final Contract contract;
  final Probes probes;
  final int port;
  final Members members;
  final Queue<NodeId> drained = new ConcurrentLinkedQueue<>();
  private volatile boolean draining;
  private final Ledger ledger;
  private final ProcessRunner runner;
  final StaticCheck check;

  HttpNode(Path data) throws Exception {
    this(data, settings -> settings);
  }

  HttpNode(Path data, UnaryOperator<GatewaySettings> change) throws Exception {
    this(data, change, Layout.TOGETHER);
  }

  HttpNode(Path data, UnaryOperator<GatewaySettings> change, Layout layout) throws Exception {
    this(data, change, layout, Policy.REFUSE);
  }

  HttpNode(Path data, UnaryOperator<GatewaySettings> change, Layout layout, Policy scripts)
      throws Exception {
    this(data, change, layout, scripts, Audit.none());
  }

  /**
   * The same.
   *
   * @param audit closed by who made it
   */
  HttpNode(
      Path data, UnaryOperator<GatewaySettings> change, Layout layout, Policy scripts, Audit audit)
      throws Exception {
    Bus.install(vertx.eventBus());
    runner = ProcessRunner.open(new ProcessSettings(4, ProcessSettings.EngineChoice.AUTO));
    check = StaticCheck.open(checkSettings(data, scripts), runner::start, new Metrics(meters));
    blobs = blobs(data.resolve("blobs"));
    ledger =
        Ledger.open(
            vertx,
            new LedgerSettings(data.resolve("ledger"), 10_000, Duration.ofDays(1), 10_000),
            MEMBERS.self());
    Outputs outputs = outputs(data.resolve("spool"), blobs);
    boolean apart = layout == Layout.APART;
    gatewayBlobs = apart ? blobs(data.resolve("gateway-blobs")) : blobs;
    Outputs gatewayOutputs = apart ? outputs(data.resolve("gateway-spool"), gatewayBlobs) : outputs;
    Peers peers =
        apart ? new OtherNode(vertx, gatewayBlobs, blobs, outputs) : Peers.alone(gatewayBlobs);
    catalog = Catalog.of(catalogSettings(data), TOOLS);
    Metrics metrics = new Metrics(meters);
    executor =
        new Executor(
            new ExecutorSettings(4, data.resolve("work"), Duration.ofMillis(250), 4),
            new ExecutorParts(
                MEMBERS,
                catalog,
                (launch, listener) -> runner.start(launch.spec(), listener),
                blobs,
                Peers.alone(blobs),
                outputs,
                metrics,
                Tracing.off()));
    result(vertx.deployVerticle(executor));
    result(
        vertx.deployVerticle(
            new Dispatcher(
                new DispatchSettings(4, 20, Duration.ofSeconds(1)),
                new DispatchParts(
                    MEMBERS,
                    catalog,
                    ledger,
                    cache,
                    Permits.alone(),
                    blobs,
                    Peers.alone(blobs),
                    outputs,
                    metrics,
                    Tracing.off(),
                    audit))));
    contract = result(Contract.load(vertx));
    probes =
        new Probes(
            () -> List.of(new Probes.Check("ledger", Optional.empty())), form -> "stoker_up 1\n");
    members = Members.alone(SELF);
    announce();
    Gateway gateway =
        new Gateway(
            change.apply(GatewaySettings.defaults("127.0.0.1", 0)),
            new GatewayParts(
                contract,
                catalog,
                new Runs(vertx.eventBus(), MEMBERS.self()),
                gatewayOutputs,
                gatewayBlobs,
                peers,
                check,
                ledger,
                cache,
                metrics,
                Tracing.off(),
                audit,
                probes,
                new Nodes(
                    members,
                    () -> Map.of(SELF, new Nodes.Load(executor.slotsUsed(), 0, Duration.ZERO)),
                    node -> {
                      drained.add(node);
                      draining = true;
                      return Future.succeededFuture();
                    },
                    () -> draining),
                null));
    result(vertx.deployVerticle(gateway));
    port = gateway.port();
  }

  private BlobStore blobs(Path directory) throws IOException {
    return BlobStore.open(
        vertx, new BlobSettings(directory, ByteSize.parse("4GiB"), Duration.ofHours(1)));
  }

  private Outputs outputs(Path directory, BlobStore with) throws IOException {
    return new Outputs(
        vertx,
        new OutputSettings(directory, ByteSize.parse("64KiB"), ByteSize.parse("256KiB")),
        with);
  }

  /** Tells of a node, with the tools that can run. */
  private void announce() {
    members.announce(
        new NodeInfo(
            SELF,
            "1.0",
            "127.0.0.1:1",
            Instant.EPOCH,
            4,
            false,
            "native",
            List.of("none"),
            List.of(new NodeInfo.LayerMark("landlock", "missing", "this kernel has none")),
            Map.of("echo", new NodeInfo.ToolMark("d1", "e1"))));
  }

  static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** A connection of its own, for what no HTTP client would send. */
  Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  /** Posts JSON; {@code headers} are names and values. */
  HttpResponse<String> run(String tool, String json, String... headers) throws Exception {
    HttpRequest.Builder request =
        request("/v1/tools/" + tool + "/runs")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  /** Runs that have ended so far. */
  double runs() {
    return meters.find("stoker.runs").counters().stream().mapToDouble(Counter::count).sum();
  }

  static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  void close() throws Exception {
    client.close();
    for (String id : List.copyOf(vertx.deploymentIDs())) {
      result(vertx.undeploy(id));
    }
    ledger.close();
    blobs.close();
    gatewayBlobs.close();
    result(vertx.close());
    check.close();
    runner.close();
    catalog.close();
  }

  private static CheckSettings checkSettings(Path data, Policy scripts) {
    return new CheckSettings(
        scripts,
        Policy.WARN,
        Severity.ERROR,
        "shellcheck",
        "python3",
        List.of(Path.of("/usr/bin"), Path.of("/bin")),
        data.resolve("check"),
        "test/check",
        Duration.ofSeconds(20),
        ByteSize.parse("1MiB"),
        2,
        64);
  }

  private static CatalogSettings catalogSettings(Path data) {
    ByteSize mebibyte = ByteSize.parse("1MiB");
    Bound<ByteSize> size = new Bound<>(mebibyte, ByteSize.parse("4GiB"));
    return new CatalogSettings(
        data,
        List.of(Path.of("/usr/bin"), Path.of("/bin")),
        Duration.ofSeconds(1),
        new Bound<>(Duration.ofSeconds(30), Duration.ofMinutes(10)),
        new Bound<>(Duration.ofMillis(300), Duration.ofSeconds(10)),
        new Bound<>(4, 100),
        new Bound<>(20, 1000),
        size,
        size,
        size,
        size,
        new Bound<>(Duration.ofHours(1), Duration.ofDays(1)),
        CatalogSettings.Maxima.unbounded());
  }
}
