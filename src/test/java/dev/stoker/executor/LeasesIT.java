package dev.stoker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.blob.BlobSettings;
import dev.stoker.blob.BlobStore;
import dev.stoker.bus.Bus;
import dev.stoker.cluster.Members;
import dev.stoker.cluster.NodeInfo;
import dev.stoker.executor.AttemptNews.Disowned;
import dev.stoker.executor.AttemptNews.Held;
import dev.stoker.executor.AttemptNews.Pulse;
import dev.stoker.executor.ExecutorMessage.Adopt;
import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.executor.ExecutorMessage.Order;
import dev.stoker.output.OutputRules;
import dev.stoker.output.OutputSettings;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.run.ByteSize;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.Principal;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.tool.Tool;
import dev.stoker.trace.Tracing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attempts that never start a process; homes are consumers on a real event bus. */
@Tag("patient")
class LeasesIT {
  private static final NodeId SELF = new NodeId("executor", 1);
  private static final NodeId HOME = new NodeId("home", 1);
  private static final NodeLoad LOAD = new NodeLoad(SELF, 1, 4, 1, Map.of(), false);
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final There members = new There();
  private final Map<RunId, Attempt> attempts = new HashMap<>();
  private final HomeLink link = new HomeLink(vertx.eventBus(), members);
  private final Leases leases = new Leases(members, link, attempts);
  private final List<AttemptNews> heard = new CopyOnWriteArrayList<>();
  private final Set<RunId> disowned = ConcurrentHashMap.newKeySet();
  private final Slots slots = new Slots(4);
  private volatile boolean answers = true;
  private BlobStore blobs;
  private Outputs outputs;
  private WorkDirectories directories;
  private WorkerExecutor disk;
  private Tool tool;

  @BeforeEach
  void open() throws Exception {
    Bus.install(vertx.eventBus());
    ByteSize small = ByteSize.parse("64KiB");
    blobs =
        BlobStore.open(
            vertx,
            new BlobSettings(data.resolve("b"), ByteSize.parse("1GiB"), Duration.ofHours(1)));
    outputs = new Outputs(vertx, new OutputSettings(data.resolve("spool"), small, small), blobs);
    directories = new WorkDirectories(data.resolve("work"), 4);
    disk = vertx.createSharedWorkerExecutor("disk", 2);
    tool = tool(data);
    members.present.add(HOME);
    vertx
        .eventBus()
        .<AttemptNews>consumer(
            Executor.newsAddress(HOME),
            message -> {
              heard.add(message.body());
              if (answers && message.body() instanceof Pulse) {
                message.reply(new Disowned(List.copyOf(disowned)));
              } else if (answers) {
                message.reply(null);
              }
            });
  }

  @AfterEach
  void close() {
    blobs.close();
    vertx.close().await();
  }

  @Test
  void shouldNameWhatItHasToItsHome() {
    Held held = new Held(attempt(Delivery.WAIT).id(), 3);

    renew();

    await().atMost(SOON).untilAsserted(() -> assertThat(pulses()).contains(List.of(held)));
  }

  @Test
  void shouldEndWhatItsHomeDisowns() {
    Tried mine = attempt(Delivery.DETACHED);
    Tried other = attempt(Delivery.DETACHED);
    disowned.add(other.id());

    renew();

    assertThat(other.outcome(SOON)).isInstanceOf(Outcome.Cancelled.class);
    assertThat(mine.isStopped()).isFalse();
  }

  @Test
  void shouldEndARunSoonWhoseCallerWentWithItsHome() {
    Tried waited = attempt(Delivery.WAIT);
    Tried detached = attempt(Delivery.DETACHED);
    members.present.remove(HOME);

    renew();
    assertThat(waited.isStopped()).as("it may only have been missed").isFalse();
    await().atMost(SOON).until(() -> renew() && waited.isStopped());

    assertThat(waited.outcome(SOON)).isInstanceOf(Outcome.Lost.class);
    assertThat(detached.isStopped()).as("a survivor may still take it over").isFalse();
  }

  @Test
  void shouldEndNothingOfAHomeThatCameBackInTime() {
    Tried waited = attempt(Delivery.WAIT);
    long begunNanos = System.nanoTime();

    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              members.present.remove(HOME);
              renew();
              members.present.add(HOME);
              renew();
              return System.nanoTime() - begunNanos > Duration.ofSeconds(3).toNanos();
            });

    assertThat(waited.isStopped()).isFalse();
  }

  @Test
  void shouldEndADetachedRunThatNobodyTakesOver() {
    Tried detached = attempt(Delivery.DETACHED);
    members.present.remove(HOME);
    long begunNanos = System.nanoTime();

    await().atMost(Leases.PATIENCE.plus(SOON)).until(() -> renew() && detached.isStopped());

    assertThat(Duration.ofNanos(System.nanoTime() - begunNanos))
        .isGreaterThanOrEqualTo(Leases.PATIENCE);
    assertThat(detached.outcome(SOON)).isInstanceOf(Outcome.Lost.class);
  }

  @Test
  void shouldTellAnEndUntilItIsHeardAndNotAfter() {
    Tried detached = attempt(Delivery.DETACHED);
    AttemptNews.OfRun end = end(detached);
    attempts.clear();
    // There is something to pulse of all the time: the pulse is sent after what is told again.
    attempt(Delivery.WAIT);
    answers = false;
    leases.keep(detached.attempt(), end);
    renew();
    await().atMost(SOON).until(() -> heard.contains(end));

    answers = true;

    await()
        .atMost(SOON)
        .until(
            () -> {
              heard.clear();
              renew();
              await().atMost(SOON).until(() -> !pulses().isEmpty());
              return !heard.contains(end);
            });
    assertThat(onContext(leases::untold)).isZero();
  }

  @Test
  void shouldNameAnEndThatIsNotHeardYet() {
    Tried detached = attempt(Delivery.DETACHED);
    attempts.clear();
    answers = false;
    leases.keep(detached.attempt(), end(detached));

    renew();

    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(pulses()).contains(List.of(new Held(detached.id(), 3))));
  }

  @Test
  void shouldGiveAnEndToWhoTakesTheRunOver() {
    Tried detached = attempt(Delivery.DETACHED);
    attempts.clear();
    members.present.remove(HOME);
    AttemptNews.OfRun end = end(detached);
    leases.keep(detached.attempt(), end);

    NodeId heir = new NodeId("heir", 1);
    assertThat(leases.endFor(new Adopt(detached.id(), 2, 7, heir))).as("another attempt").isEmpty();
    assertThat(leases.endFor(new Adopt(RunId.next(), 1, 7, heir))).as("another run").isEmpty();
    assertThat(leases.endFor(new Adopt(detached.id(), 1, 7, heir))).contains(end.at(7));
    assertThat(leases.untold()).as("until the heir has heard it").isEqualTo(1);
    leases.heard(detached.id(), end.at(7));
    assertThat(leases.untold()).isZero();
  }

  @Test
  void shouldNotKeepTheEndOfARunWhoseCallerIsGone() {
    Tried waited = attempt(Delivery.WAIT);
    members.present.remove(HOME);

    leases.keep(waited.attempt(), end(waited));

    assertThat(leases.untold()).isZero();
  }

  @Test
  void shouldForgetAnEndThatItsHomeDisowns() {
    Tried detached = attempt(Delivery.DETACHED);
    attempts.clear();
    disowned.add(detached.id());
    members.present.remove(HOME);
    leases.keep(detached.attempt(), end(detached));
    members.present.add(HOME);

    renew();

    await().atMost(SOON).until(() -> renew() && leases.untold() == 0);
  }

  private boolean renew() {
    return onContext(
        () -> {
          leases.renew(LOAD);
          return true;
        });
  }

  /** Where an executor would do it. */
  private <T> T onContext(Supplier<T> task) {
    Promise<T> done = Promise.promise();
    context.runOnContext(v -> done.complete(task.get()));
    return done.future().await();
  }

  private List<List<Held>> pulses() {
    return heard.stream()
        .flatMap(news -> news instanceof Pulse pulse ? Optional.of(pulse.held()).stream() : null)
        .toList();
  }

  private static AttemptNews.OfRun end(Tried tried) {
    RunRecord record = RunRecord.queued(tried.attempt().command(), CacheUse.BYPASS);
    return new AttemptNews.TryAgain(record.in(RunState.FAILED), 3, LOAD);
  }

  /** An attempt that waits for its home's word before it starts. */
  private Tried attempt(Delivery delivery) {
    Command command =
        new Command(
            RunId.next(),
            tool.name(),
            new JsonObject(),
            Map.of(),
            new Stdin.None(),
            Principal.ANONYMOUS,
            Command.PRIORITY_DEFAULT,
            Duration.ofMinutes(5),
            System.nanoTime(),
            Instant.now(),
            delivery,
            Command.CacheControl.USE,
            null,
            TraceContext.begin());
    Order order =
        new Order(
            command,
            tool.digest().hex(),
            "",
            tool.bind(new JsonObject(), Set.of()),
            null,
            RunRecord.queued(command, CacheUse.BYPASS),
            1,
            3,
            HOME);
    Execute execute = new Execute(order, tool);
    Waiting host = new Waiting();
    ByteSize small = ByteSize.parse("1KiB");
    Attempt attempt =
        new Attempt(
            execute,
            host,
            slots.acquire(tool.name(), 4, command.id()).orElseThrow(),
            new Workspace(directories, disk, blobs, Peers.alone(blobs), cold(), execute),
            outputs.open(command.id(), new OutputRules(small, small, OutputRules.Mode.KEEP)),
            AttemptSpans.begin(Tracing.off(), execute, "here"));
    onContext(
        () -> {
          attempts.put(command.id(), attempt);
          attempt.begin();
          return true;
        });
    return new Tried(attempt, host);
  }

  /** Nothing is started in these tests. */
  private static Starter cold() {
    return (launch, listener) -> {
      throw new IllegalStateException("nothing is to be started");
    };
  }

  private static Tool tool(Path data) {
    ByteSize mebibyte = ByteSize.parse("1MiB");
    Bound<ByteSize> bytes = new Bound<>(mebibyte, ByteSize.parse("1GiB"));
    Bound<Integer> number = new Bound<>(4, 100);
    Bound<Duration> time = new Bound<>(Duration.ofSeconds(1), Duration.ofMinutes(10));
    CatalogSettings settings =
        new CatalogSettings(
            data,
            List.of(Path.of("/usr/bin"), Path.of("/bin")),
            Duration.ofSeconds(1),
            time,
            time,
            number,
            number,
            bytes,
            bytes,
            bytes,
            bytes,
            time,
            CatalogSettings.Maxima.unbounded());
    String text =
        """
        name: nothing
        description: for the test
        command: ["true"]
        isolation: none
        """;
    return Catalog.of(settings, Map.of("nothing.yaml", text)).tools().getFirst();
  }

  /** An attempt, and what became of it. */
  private final class Tried {
    private final Attempt attempt;
    private final Waiting host;

    Tried(Attempt attempt, Waiting host) {
      this.attempt = attempt;
      this.host = host;
    }

    Attempt attempt() {
      return attempt;
    }

    RunId id() {
      return attempt.command().id();
    }

    /** Asked to end: it is over as soon as it need not wait for its home any more. */
    boolean isStopped() {
      return onContext(
          () -> {
            try {
              attempt.outcome();
              return true;
            } catch (IllegalStateException notOver) {
              return String.valueOf(notOver.getMessage()).contains("Abandoned");
            }
          });
    }

    Outcome outcome(Duration max) {
      await().atMost(max).until(this::isStopped);
      host.home.tryFail("no answer");
      host.done.future().await();
      return onContext(attempt::outcome);
    }
  }

  /** Starts nothing. */
  private final class Waiting implements Attempt.Host {
    private final Promise<Void> home = Promise.promise();
    private final Promise<Void> done = Promise.promise();

    @Override
    public void onContext(Runnable task) {
      context.runOnContext(v -> task.run());
    }

    @Override
    public boolean isHere(NodeId home) {
      return false;
    }

    @Override
    public long after(long millis, Runnable task) {
      return vertx.setTimer(millis, id -> task.run());
    }

    @Override
    public void cancelTimer(long timer) {
      vertx.cancelTimer(timer);
    }

    @Override
    public Future<Void> mayStart(Attempt attempt) {
      return home.future();
    }

    @Override
    public RunningProcess start(Execute order, Path directory, ProcessListener listener) {
      throw new AssertionError("nothing may be started");
    }

    @Override
    public void started(Attempt attempt) {
      throw new AssertionError("nothing may be started");
    }

    @Override
    public void done(Attempt attempt) {
      done.complete();
    }
  }

  /** Who the test says is there. Thread-safe. */
  private static final class There implements Members {
    private final Set<NodeId> present = ConcurrentHashMap.newKeySet();

    @Override
    public NodeId self() {
      return SELF;
    }

    @Override
    public Map<NodeId, NodeInfo> present() {
      Map<NodeId, NodeInfo> infos = new HashMap<>();
      for (NodeId node : present) {
        infos.put(
            node,
            new NodeInfo(
                node, "1", "127.0.0.1:1", Instant.EPOCH, 1, false, "none", List.of(), Map.of()));
      }
      return infos;
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
      present.add(info.id());
    }

    @Override
    public void onChange(Runnable listener) {
      throw new UnsupportedOperationException("leases look by themselves");
    }
  }
}
