package dev.stoker.dispatch;

import dev.stoker.dispatch.DispatchMessage.HandedOver;
import dev.stoker.run.Command.Delivery;
import dev.stoker.run.NodeId;
import dev.stoker.run.RunId;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers for the runs that this node has taken, from the command to the last word, and takes over
 * those that nobody answers for any more. A verticle, one a node; confined to its context, but for
 * the gauges.
 */
public final class Dispatcher extends VerticleBase {
  private static final String HANDED_OVER = "stoker.v1.handed-over";

  /** Orphans are looked for when a node leaves, and this often. */
  private static final long LOOK_MILLIS = 500;

  private final DispatchSettings settings;
  private final DispatchParts parts;
  private volatile @Nullable LiveRuns runs;
  private volatile Map<NodeId, Status> statuses = Map.of();
  private Set<NodeId> known = Set.of();
  private volatile boolean draining;
  private volatile boolean leaving;

  public Dispatcher(DispatchSettings settings, DispatchParts parts) {
    this.settings = settings;
    this.parts = parts;
  }

  @Override
  public Future<?> start() {
    boolean clustered = parts.members().isClustered();
    RunNews told = new RunNews(vertx.eventBus(), parts.metrics(), clustered);
    LiveRuns live = new LiveRuns(vertx, settings, parts, told);
    Orphans abandoned = new Orphans(parts, live, told, this::draining);
    runs = live;
    Inquiries inquiries = new Inquiries(vertx, parts, live);
    Intake intake = new Intake(vertx, parts, live, inquiries, this::draining);
    Doorman doorman = new Doorman(vertx, live, told, inquiries, intake);
    vertx.eventBus().consumer(Runs.address(parts.members().self()), doorman::onMessage);
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
    leaving = true;
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

  /** Goes on taking commands, while those who send them are told to go elsewhere. Thread-safe. */
  public void leave() {
    leaving = true;
  }

  /** Whether {@link #leave} or {@link #drain} was called. Thread-safe. */
  public boolean leaving() {
    return leaving;
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
