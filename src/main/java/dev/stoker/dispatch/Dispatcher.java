package dev.stoker.dispatch;

import dev.stoker.blob.Blob;
import dev.stoker.bus.Bus;
import dev.stoker.cache.CacheKey;
import dev.stoker.cache.CachedResult;
import dev.stoker.dispatch.DispatchMessage.Await;
import dev.stoker.dispatch.DispatchMessage.AwaitHere;
import dev.stoker.dispatch.DispatchMessage.Cancel;
import dev.stoker.dispatch.DispatchMessage.CancelHere;
import dev.stoker.dispatch.DispatchMessage.Changed;
import dev.stoker.dispatch.DispatchMessage.Find;
import dev.stoker.dispatch.DispatchMessage.FindHere;
import dev.stoker.dispatch.DispatchMessage.HandedOver;
import dev.stoker.dispatch.DispatchMessage.Join;
import dev.stoker.dispatch.DispatchMessage.Leave;
import dev.stoker.dispatch.DispatchMessage.LeaveJoin;
import dev.stoker.dispatch.DispatchMessage.OfCaller;
import dev.stoker.dispatch.DispatchMessage.OfPeer;
import dev.stoker.dispatch.DispatchMessage.Submit;
import dev.stoker.dispatch.DispatchMessage.Waiting;
import dev.stoker.dispatch.DispatchMessage.Watch;
import dev.stoker.dispatch.DispatchMessage.WatchHere;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Command.CacheControl;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each command whether a result is there, an equal run is under way, or a run of its
 * own is admitted. A verticle, one a node; confined to its context, but for the gauges.
 */
public final class Dispatcher extends VerticleBase {
  private static final Duration STOPPING = Duration.ofSeconds(1);
  private static final Duration CANCEL_WRITTEN = Duration.ofSeconds(5);
  private static final String HANDED_OVER = "stoker.v1.handed-over";

  /** Orphans are looked for when a node leaves, and this often. */
  private static final long LOOK_MILLIS = 500;

  private final DispatchSettings settings;
  private final DispatchParts parts;
  private volatile @Nullable LiveRuns runs;
  private @Nullable Elsewhere elsewhere;
  private @Nullable Flights flights;
  private @Nullable RunNews news;
  private volatile Map<NodeId, Status> statuses = Map.of();
  private Set<NodeId> known = Set.of();
  private volatile boolean draining;

  public Dispatcher(DispatchSettings settings, DispatchParts parts) {
    this.settings = settings;
    this.parts = parts;
  }

  @Override
  public Future<?> start() {
    boolean clustered = parts.members().isClustered();
    RunNews told = new RunNews(vertx.eventBus(), parts.metrics(), clustered);
    LiveRuns live = new LiveRuns(vertx, settings, parts, told);
    Orphans abandoned = new Orphans(parts, live, this::draining);
    news = told;
    runs = live;
    elsewhere = new Elsewhere(vertx, parts.members(), parts.ledger());
    flights = new Flights(vertx, parts, live, this::stored);
    vertx
        .eventBus()
        .<DispatchMessage>consumer(
            Runs.address(parts.members().self()), message -> onMessage(live, message));
    live.listen();
    parts.ledger().onFenced(run -> context.runOnContext(v -> fenced(live, run)));
    if (clustered) {
      join(live, abandoned);
    }
    return abandoned.look().onSuccess(v -> live.placing().pump());
  }

  private void join(LiveRuns live, Orphans abandoned) {
    LoadExchange loads = new LoadExchange(vertx, parts.members());
    vertx.eventBus().<HandedOver>consumer(HANDED_OVER, message -> abandoned.look());
    loads.start(
        load -> {
          live.fleet().heard(load);
          live.placing().pump();
        },
        live::load);
    parts
        .members()
        .onChange(
            () ->
                context.runOnContext(
                    v -> {
                      live.placing().refresh();
                      Set<NodeId> now = parts.members().nodes();
                      if (!now.equals(known)) {
                        known = now;
                        confirm(live);
                      }
                      abandoned.look();
                    }));
    vertx.setPeriodic(
        LOOK_MILLIS,
        id -> {
          live.placing().refresh();
          abandoned.look();
          note(live, loads);
          if (draining) {
            handOver();
          }
        });
    live.placing().refresh();
  }

  /** After others have come and gone: whatever was taken from this node is found out now. */
  private static void confirm(LiveRuns live) {
    live.all().stream()
        .filter(run -> run.command().isDurable())
        .filter(run -> run.phase() == LiveRun.Phase.PLACED || run.phase() == LiveRun.Phase.QUEUED)
        .forEach(live::write);
  }

  private static void fenced(LiveRuns live, RunId run) {
    LiveRun here = live.get(run);
    if (here != null) {
      live.drop(here);
    }
  }

  private void note(LiveRuns live, LoadExchange loads) {
    Map<NodeId, Status> all = new HashMap<>();
    live.fleet()
        .loads()
        .forEach(
            (node, load) ->
                all.put(
                    node,
                    new Status(
                        load.slots(),
                        load.used(),
                        loads.waiting(node).queued(),
                        loads.waiting(node).oldest(),
                        load.draining())));
    statuses = Map.copyOf(all);
  }

  /** How busy each node is, as this one knows; this one alone where it is alone. Thread-safe. */
  public Map<NodeId, Status> statuses() {
    return statuses;
  }

  /** A node's numbers. */
  public record Status(int slots, int used, int queued, Duration oldest, boolean draining) {}

  /**
   * Takes no more commands; what runs goes on, and what may not be lost and has not begun is left
   * to the others, where there are any. Thread-safe.
   */
  public void drain() {
    draining = true;
    if (parts.members().isClustered()) {
      context.runOnContext(v -> handOver());
    }
  }

  private void handOver() {
    LiveRuns live = runs;
    if (live == null || parts.members().nodes().size() < 2) {
      return;
    }
    List<Future<Void>> given =
        live.all().stream()
            .filter(run -> run.command().delivery() == Delivery.DETACHED)
            .filter(run -> run.phase() == LiveRun.Phase.QUEUED)
            .map(live::handOver)
            .toList();
    if (given.isEmpty()) {
      return;
    }
    Future.join(given).onComplete(done -> vertx.eventBus().publish(HANDED_OVER, new HandedOver()));
  }

  /** Whether {@link #drain} was called. Thread-safe. */
  public boolean draining() {
    return draining;
  }

  /** How many wait and run. Thread-safe; a moment old. */
  public Load load() {
    LiveRuns live = runs;
    return live == null ? Load.NONE : live.load();
  }

  private void onMessage(LiveRuns live, Message<DispatchMessage> message) {
    switch (message.body()) {
      case OfCaller asked -> onCaller(live, message, asked);
      case OfPeer asked -> onPeer(live, message, asked);
    }
  }

  private void onCaller(LiveRuns live, Message<DispatchMessage> message, OfCaller asked) {
    switch (asked) {
      case Submit(Command command, Tool tool) -> Bus.answer(message, submit(live, command, tool));
      case Find(RunId run) -> Bus.answer(message, find(live, run));
      case Await(RunId run, Duration patience) -> Bus.answer(message, await(live, run, patience));
      case Cancel(RunId run, String reason) -> Bus.answer(message, cancel(live, run, reason));
      case Leave(RunId command) -> live.leave(command);
      case Watch(RunId run) -> {
        if (parts.members().isClustered() && live.get(run) == null) {
          elsewhere().watch(run);
        }
      }
    }
  }

  private void onPeer(LiveRuns live, Message<DispatchMessage> message, OfPeer asked) {
    switch (asked) {
      case FindHere(RunId run) -> Bus.answer(message, findHere(live, run));
      case AwaitHere(RunId run, Duration patience) ->
          Bus.answer(message, awaitHere(live, run, patience));
      case CancelHere(RunId run, String reason) ->
          Bus.answer(message, cancelHere(live, run, reason));
      case Join(RunId run, RunId follower, Duration patience) -> {
        LiveRun here = live.get(run);
        Bus.answer(
            message,
            here == null || here.cancelReason() != null
                ? Future.failedFuture(Elsewhere.notFound(run))
                : flights().joinedBy(here, follower, patience));
      }
      case LeaveJoin(RunId run, RunId follower) -> {
        LiveRun here = live.get(run);
        if (here != null && here.joined().remove(follower) != null) {
          live.cancelIfUnwanted(here);
        }
      }
      case WatchHere(RunId run, NodeId watcher) -> {
        LiveRun here = live.get(run);
        if (here != null) {
          Objects.requireNonNull(news).watch(run, watcher);
          vertx.eventBus().send(Runs.address(watcher), new Changed(here.record()));
        }
      }
      case Changed(RunRecord record) -> Objects.requireNonNull(news).here(record);
      case HandedOver _, Waiting _ -> {}
    }
  }

  private Future<RunRecord> submit(LiveRuns live, Command command, Tool tool) {
    try {
      refuseWhatCannotRun(tool);
      Command.IdempotencyKey key = command.idempotencyKey();
      if (key == null) {
        return fresh(live, command, tool);
      }
      return parts
          .ledger()
          .findByKey(command.principal(), command.tool(), key)
          .compose(
              known ->
                  known.isPresent()
                      ? again(live, known.get(), command)
                      : fresh(live, command, tool))
          .onFailure(e -> refused(command, e));
    } catch (ServiceException e) {
      refused(command, e);
      return Future.failedFuture(e);
    }
  }

  private void refused(Command command, Throwable e) {
    String code =
        e instanceof ServiceException expected ? expected.code().name() : ErrorCode.INTERNAL.name();
    parts.metrics().refused(command.tool(), code.toLowerCase(Locale.ROOT));
  }

  private void refuseWhatCannotRun(Tool tool) {
    if (draining) {
      throw ServiceException.retryable(
          ErrorCode.SHUTTING_DOWN, "this node takes no more commands", STOPPING);
    }
    LiveRuns live = runs;
    if (tool.availability() instanceof Availability.Unavailable(String reason)
        && (live == null || !live.fleet().canRun(tool))) {
      throw new ServiceException(
          ErrorCode.TOOL_UNAVAILABLE, "tool '" + tool.name() + "' cannot run here: " + reason);
    }
  }

  /** The run that an idempotency key has named before. */
  private Future<RunRecord> again(LiveRuns live, RunId run, Command command) {
    return command.delivery() == Delivery.DETACHED
        ? find(live, run)
        : await(live, run, command.remaining(System.nanoTime()));
  }

  private Future<RunRecord> fresh(LiveRuns live, Command command, Tool tool) {
    Invocation invocation = tool.bind(command.parameters(), command.inputs().keySet());
    if (tool.definition().cache() == null
        || command.cacheControl() == CacheControl.NO_STORE
        || !(tool.availability() instanceof Availability.Available)) {
      return live.admit(
          run(command, tool, invocation, null, CacheUse.BYPASS), id -> again(live, id, command));
    }
    CacheKey key = CacheKey.of(command, tool, invocation);
    if (command.cacheControl() == CacheControl.NO_CACHE) {
      return live.admit(
          run(command, tool, invocation, key, CacheUse.BYPASS), id -> again(live, id, command));
    }
    Optional<CachedResult> stored = parts.cache().get(key).filter(this::hasItsFiles);
    if (stored.isPresent()) {
      return hit(live, command, stored.get().run(), CacheUse.HIT);
    }
    if (!parts.members().isClustered()) {
      return miss(live, command, tool, invocation, key);
    }
    return stored(key)
        .compose(
            found ->
                found.isPresent()
                    ? hit(live, command, found.get(), CacheUse.CLUSTER_HIT)
                    : miss(live, command, tool, invocation, key));
  }

  /** What the cluster has stored, with its files here. */
  private Future<Optional<RunRecord>> stored(CacheKey key) {
    return parts
        .cache()
        .fetch(key)
        .compose(this::withItsFiles)
        .map(found -> found.map(CachedResult::run));
  }

  private Future<RunRecord> miss(
      LiveRuns live, Command command, Tool tool, Invocation invocation, CacheKey key) {
    if (command.delivery() == Delivery.STREAM) {
      return live.admit(
          run(command, tool, invocation, null, CacheUse.BYPASS), id -> again(live, id, command));
    }
    LiveRun own = run(command, tool, invocation, key, CacheUse.MISS);
    Optional<LiveRun> leader = live.leaderOf(key, own);
    if (leader.isPresent()) {
      own.record(own.record().with(CacheUse.COLLAPSED));
      parts.metrics().cacheHit(tool.name(), "collapsed");
      return live.join(own, leader.get(), id -> again(live, id, command));
    }
    if (parts.members().isClustered()) {
      return flights().fly(own, id -> again(live, id, command));
    }
    parts.metrics().cacheMiss(tool.name());
    return live.admit(own, id -> again(live, id, command));
  }

  private static LiveRun run(
      Command command, Tool tool, Invocation invocation, @Nullable CacheKey key, CacheUse use) {
    return new LiveRun(command, tool, invocation, key, RunRecord.queued(command, use));
  }

  /** A file may have been removed since: somebody has written to it, say. */
  private boolean hasItsFiles(CachedResult result) {
    return result.run().blobs().allMatch(blob -> parts.blobs().find(blob).isPresent());
  }

  /** The same for a result of another node, whose files are there or can be brought. */
  private Future<Optional<CachedResult>> withItsFiles(Optional<CachedResult> found) {
    if (found.isEmpty() || hasItsFiles(found.get())) {
      return Future.succeededFuture(found);
    }
    RunRecord run = found.get().run();
    List<Future<Optional<Blob>>> brought =
        run.blobs().map(blob -> parts.peers().obtain(blob, run.node())).toList();
    return Future.join(brought)
        .transform(
            all ->
                Future.succeededFuture(
                    all.succeeded() && hasItsFiles(found.get()) ? found : Optional.empty()));
  }

  private Future<RunRecord> hit(LiveRuns live, Command command, RunRecord result, CacheUse use) {
    parts.metrics().cacheHit(command.tool(), use == CacheUse.HIT ? "local" : "cluster");
    if (!command.isDurable()) {
      return Future.succeededFuture(result.with(use));
    }
    RunRecord own = result.as(command, use, Instant.now());
    return parts
        .ledger()
        .accept(command, RunRecord.queued(command, use))
        .compose(
            id ->
                id.equals(command.id())
                    ? parts.ledger().update(command, own).map(own)
                    : again(live, id, command));
  }

  private Future<RunRecord> find(LiveRuns live, RunId run) {
    LiveRun here = live.get(run);
    return here == null ? elsewhere().find(run) : Future.succeededFuture(here.record());
  }

  /** What this node knows by itself. */
  private Future<RunRecord> findHere(LiveRuns live, RunId run) {
    LiveRun here = live.get(run);
    return here == null
        ? parts.ledger().find(run).map(found -> found.orElseThrow(() -> Elsewhere.notFound(run)))
        : Future.succeededFuture(here.record());
  }

  private Future<RunRecord> await(LiveRuns live, RunId run, Duration patience) {
    if (patience.isNegative() || patience.isZero()) {
      return find(live, run);
    }
    LiveRun here = live.get(run);
    if (here == null) {
      return parts.members().isClustered() ? elsewhere().await(run, patience) : find(live, run);
    }
    long until = System.nanoTime() + patience.toNanos();
    return ended(here, patience)
        .recover(
            e ->
                live.isFenced(e)
                    ? elsewhere().await(run, Duration.ofNanos(until - System.nanoTime()))
                    : Future.failedFuture(e));
  }

  private Future<RunRecord> awaitHere(LiveRuns live, RunId run, Duration patience) {
    LiveRun here = live.get(run);
    return here == null ? findHere(live, run) : ended(here, patience);
  }

  private Future<RunRecord> ended(LiveRun run, Duration patience) {
    Promise<RunRecord> ended = Promise.promise();
    run.awaiting().add(ended);
    long timer =
        vertx.setTimer(
            Math.max(1, patience.toMillis()),
            id -> {
              run.awaiting().remove(ended);
              ended.tryComplete(run.record());
            });
    return ended.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  private Future<RunRecord> cancel(LiveRuns live, RunId run, String reason) {
    return live.get(run) == null && parts.members().isClustered()
        ? elsewhere().cancel(run, reason)
        : cancelHere(live, run, reason);
  }

  private Future<RunRecord> cancelHere(LiveRuns live, RunId run, String reason) {
    LiveRun here = live.get(run);
    if (here != null) {
      live.cancel(here, reason);
      return here.phase() == LiveRun.Phase.ENDING
          ? ended(here, CANCEL_WRITTEN)
          : Future.succeededFuture(here.record());
    }
    return findHere(live, run);
  }

  private Elsewhere elsewhere() {
    return Objects.requireNonNull(elsewhere);
  }

  private Flights flights() {
    return Objects.requireNonNull(flights);
  }

  /** How much this node has to do. Immutable. */
  public record Load(int queued, int running, long oldestAcceptedNanos) {
    static final Load NONE = new Load(0, 0, 0);

    /** How long the oldest has waited; zero when none waits. */
    public Duration oldestAge() {
      return queued == 0
          ? Duration.ZERO
          : Duration.ofNanos(System.nanoTime() - oldestAcceptedNanos);
    }
  }
}
