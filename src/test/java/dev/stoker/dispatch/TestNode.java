package dev.stoker.dispatch;

import dev.stoker.audit.Audit;
import dev.stoker.blob.BlobSettings;
import dev.stoker.blob.BlobStore;
import dev.stoker.bus.Bus;
import dev.stoker.cache.ResultCache;
import dev.stoker.cluster.Members;
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
import dev.stoker.run.Command;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.NodeId;
import dev.stoker.run.Origin;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.Tool;
import dev.stoker.trace.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A dispatcher and an executor with everything behind them, for real, but for HTTP. */
final class TestNode {
  private static final Members MEMBERS = Members.alone(new NodeId("test", 1));

  static final int SLOTS = 4;
  static final int QUEUE = 20;

  final Vertx vertx = Vertx.vertx();
  final Runs runs = new Runs(vertx.eventBus(), MEMBERS.self());
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Outputs outputs;
  final BlobStore blobs;
  final Ledger ledger;
  final ResultCache cache = ResultCache.create(ByteSize.parse("16MiB"));
  final Executor executor;
  final Dispatcher dispatcher;
  private final ProcessRunner runner;
  private final Catalog catalog;

  TestNode(Path data, Map<String, String> tools) throws Exception {
    Bus.install(vertx.eventBus());
    runner = ProcessRunner.open(new ProcessSettings(4, ProcessSettings.EngineChoice.AUTO));
    blobs =
        BlobStore.open(
            vertx,
            new BlobSettings(data.resolve("blobs"), ByteSize.parse("1GiB"), Duration.ofHours(1)));
    ledger =
        Ledger.open(
            vertx,
            new LedgerSettings(data.resolve("ledger"), 10_000, Duration.ofDays(1), 10_000),
            MEMBERS.self());
    outputs =
        new Outputs(
            vertx,
            new OutputSettings(
                data.resolve("spool"), ByteSize.parse("64KiB"), ByteSize.parse("256KiB")),
            blobs);
    catalog = Catalog.of(TestTools.settings(data), tools);
    Metrics metrics = new Metrics(meters);
    executor =
        new Executor(
            new ExecutorSettings(SLOTS, data.resolve("work"), Duration.ofMillis(250), 4),
            new ExecutorParts(
                MEMBERS,
                catalog,
                (launch, listener) -> runner.start(launch.spec(), listener),
                blobs,
                Peers.alone(blobs),
                outputs,
                metrics,
                Tracing.off()));
    dispatcher =
        new Dispatcher(
            new DispatchSettings(SLOTS, QUEUE, Duration.ofSeconds(1)),
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
                Audit.none()));
    result(vertx.deployVerticle(executor));
    result(vertx.deployVerticle(dispatcher));
  }

  Tool tool(String name) {
    return catalog.find(name).orElseThrow();
  }

  CommandBuilder command(String tool) {
    return new CommandBuilder(tool(tool));
  }

  Future<RunRecord> submit(Command command) {
    return runs.submit(command, tool(command.tool()), Origin.SYSTEM);
  }

  static <T> T result(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  void close() throws Exception {
    result(vertx.undeploy(executor.deploymentID()));
    ledger.close();
    blobs.close();
    result(vertx.close());
    runner.close();
    catalog.close();
  }

  /** A command, changed from the usual one step by step. */
  static final class CommandBuilder {
    private final Tool tool;
    private final JsonObject parameters = new JsonObject();
    private Principal principal = Principal.ANONYMOUS;
    private int priority = Command.PRIORITY_DEFAULT;
    private Duration timeout = Duration.ofSeconds(30);
    private Delivery delivery = Delivery.WAIT;
    private CacheControl cacheControl = CacheControl.USE;
    private Command.@Nullable IdempotencyKey key;

    private CommandBuilder(Tool tool) {
      this.tool = tool;
    }

    CommandBuilder with(String parameter, Object value) {
      parameters.put(parameter, value);
      return this;
    }

    CommandBuilder by(String name) {
      principal = new Principal(name);
      return this;
    }

    CommandBuilder urgency(int urgency) {
      priority = urgency;
      return this;
    }

    CommandBuilder within(Duration limit) {
      timeout = limit;
      return this;
    }

    CommandBuilder delivered(Delivery how) {
      delivery = how;
      return this;
    }

    CommandBuilder cache(CacheControl control) {
      cacheControl = control;
      return this;
    }

    CommandBuilder named(Command.IdempotencyKey name) {
      key = name;
      return this;
    }

    Command build() {
      return new Command(
          RunId.next(),
          tool.name(),
          tool.check(parameters),
          Map.of(),
          new Stdin.None(),
          principal,
          priority,
          timeout,
          System.nanoTime(),
          Instant.now(),
          delivery,
          cacheControl,
          key,
          TraceContext.begin());
    }
  }
}
