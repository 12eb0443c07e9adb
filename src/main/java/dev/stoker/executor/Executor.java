package dev.stoker.executor;

import dev.stoker.bus.Bus;
import dev.stoker.executor.AttemptNews.OfRun;
import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.executor.ExecutorMessage.Adopt;
import dev.stoker.executor.ExecutorMessage.Adoption;
import dev.stoker.executor.ExecutorMessage.Answer;
import dev.stoker.executor.ExecutorMessage.Cancel;
import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.executor.ExecutorMessage.Order;
import dev.stoker.output.OutputRules;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.RunLog;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.run.TraceContext;
import dev.stoker.sandbox.Cells;
import dev.stoker.sandbox.Launch;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands within this node's slots. A verticle, one a node; everything but {@link #slotsUsed}
 * and {@link #attempts} is confined to its context.
 */
public final class Executor extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

  private static final long PULSE_MILLIS = 1000;

  private final ExecutorSettings settings;
  private final ExecutorParts parts;
  private final NodeId node;
  private final Slots slots;
  private final Recorder recorder;
  private final Map<RunId, Attempt> attempts = new HashMap<>();
  private final AtomicInteger slotsUsed = new AtomicInteger();
  private final AtomicInteger alive = new AtomicInteger();
  private long loadSequence;
  private boolean draining;
  private final Attempt.Host host = new AttemptHost();
  private @Nullable WorkerExecutor disk;
  private @Nullable WorkDirectories directories;
  private @Nullable Promise<Void> idle;
  private @Nullable HomeLink homes;
  private @Nullable Leases leases;

  public Executor(ExecutorSettings settings, ExecutorParts parts) {
    this.settings = settings;
    this.parts = parts;
    this.slots = new Slots(settings.slots());
    this.node = parts.members().self();
    this.recorder = new Recorder(node.name(), parts);
  }

  /** Where the executor of a node hears {@link ExecutorMessage}s. */
  public static String address(NodeId node) {
    return "stoker.v1.executor." + node;
  }

  /** Where the dispatcher of a node hears {@link AttemptNews}. */
  public static String newsAddress(NodeId home) {
    return "stoker.v1.news." + home;
  }

  /** Where this node's {@link NodeLoad} is told after each change, here only. */
  public static String loadAddress() {
    return "stoker.v1.load.here";
  }

  /** Slots in use. Thread-safe. */
  public int slotsUsed() {
    return slotsUsed.get();
  }

  /**
   * Attempts that hold a slot or should: fewer than slots in use for long is a leak. Thread-safe.
   */
  public int attempts() {
    return alive.get();
  }

  @Override
  public Future<?> start() {
    WorkerExecutor threads =
        vertx.createSharedWorkerExecutor("stoker-disk", settings.diskThreads());
    disk = threads;
    HomeLink link = new HomeLink(vertx.eventBus(), parts.members());
    Leases held = new Leases(parts.members(), link, attempts);
    homes = link;
    leases = held;
    return threads
        .executeBlocking(this::makeDirectories, false)
        .onSuccess(
            made -> {
              directories = made;
              parts.starter().prepare(cells(made));
              vertx.eventBus().<ExecutorMessage>consumer(address(node), this::onMessage);
              if (parts.members().isClustered()) {
                vertx.setPeriodic(
                    PULSE_MILLIS,
                    id -> {
                      held.renew(load());
                      tellLoad();
                    });
              }
            });
  }

  /** Takes nothing more; what runs goes on. Thread-safe. Idempotent. */
  public void drain() {
    context.runOnContext(
        v -> {
          draining = true;
          tellLoad();
        });
  }

  /**
   * Takes nothing more, ends every attempt, and completes when the last is recorded and told of.
   * Thread-safe. Idempotent.
   */
  public Future<Void> end() {
    Promise<Void> ended = Promise.promise();
    context.runOnContext(v -> endAll().onComplete(ended));
    return ended.future();
  }

  @Override
  public Future<?> stop() {
    return endAll();
  }

  private Future<Void> endAll() {
    if (idle == null) {
      idle = Promise.promise();
      Outcome why = new Outcome.Lost("the node was shut down");
      List.copyOf(attempts.values()).forEach(attempt -> attempt.stop(why));
    }
    Future<Void> ended = idle.future();
    signalIdle();
    return ended;
  }

  private WorkDirectories makeDirectories() throws IOException {
    return new WorkDirectories(settings.workDirectory(), settings.slots() * 2);
  }

  private static Cells cells(WorkDirectories directories) {
    return new Cells() {
      @Override
      public Path make() throws IOException {
        return directories.make().path();
      }

      @Override
      public void recycle(Path cell) {
        try {
          directories.recycle(WorkDirectories.Directory.of(cell));
        } catch (IOException e) {
          LOG.warn("cannot take back the work directory {}: {}", cell, e.toString());
        }
      }
    };
  }

  private void onMessage(Message<ExecutorMessage> message) {
    switch (message.body()) {
      case Execute execute -> message.reply(new Answer(execute(execute), load()));
      case Order order -> message.reply(new Answer(execute(order), load()));
      case Adopt adopt -> message.reply(adopt(adopt));
      case Cancel(RunId run, NodeId home, int placement, String reason) -> {
        Attempt attempt = attempts.get(run);
        if (attempt != null && attempt.home().equals(home) && attempt.placement() == placement) {
          attempt.stop(new Outcome.Cancelled(reason));
        }
      }
    }
  }

  private NodeLoad load() {
    return new NodeLoad(
        node,
        ++loadSequence,
        slots.capacity(),
        slots.used(),
        slots.usedByTool(),
        draining || idle != null);
  }

  private void tellLoad() {
    if (parts.members().isClustered()) {
      Bus.publishHere(vertx.eventBus(), loadAddress(), load());
    }
  }

  /** An order of another node: the tool is what this node's catalog says, if that is the same. */
  private Ack execute(Order order) {
    Optional<Tool> tool =
        parts
            .catalog()
            .find(order.command().tool())
            .filter(known -> known.digest().hex().equals(order.definition()))
            .filter(known -> known.availability() instanceof Availability.Available);
    return tool.isPresent() ? execute(new Execute(order, tool.get())) : Ack.OTHER_TOOL;
  }

  private Ack execute(Execute order) {
    Command command = order.command();
    if (directories == null
        || disk == null
        || idle != null
        || draining
        || attempts.containsKey(command.id())) {
      return Ack.BUSY;
    }
    int toolMax = order.tool().definition().concurrency().perNode();
    Optional<Slots.Slot> slot = slots.acquire(command.tool(), toolMax, command.id());
    if (slot.isEmpty()) {
      return Ack.BUSY;
    }
    try {
      begin(order, slot.get(), directories, disk);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), command).setCause(e).log("the run cannot be set out with");
      slot.get().release();
      return Ack.BUSY;
    }
    slotsUsed.set(slots.used());
    tellLoad();
    return Ack.ACCEPTED;
  }

  private void begin(
      Execute order, Slots.Slot slot, WorkDirectories directories, WorkerExecutor disk) {
    Command command = order.command();
    AttemptSpans spans = AttemptSpans.begin(parts.tracing(), order, address(node));
    Execute traced = spans.order();
    Attempt attempt =
        new Attempt(
            traced,
            host,
            slot,
            new Workspace(
                directories,
                disk,
                parts.blobs(),
                parts.peers(),
                parts.starter(),
                traced,
                settings.diskDefault()),
            parts.outputs().open(command.id(), rules(order)),
            spans);
    attempts.put(command.id(), attempt);
    alive.set(attempts.size());
    attempt.begin();
  }

  private Adoption adopt(Adopt adopt) {
    Attempt attempt = attempts.get(adopt.run());
    if (attempt != null && attempt.order().order().attempt() == adopt.attempt()) {
      attempt.adopt(adopt.home(), adopt.placement());
      Optional<OfRun> told = leases == null ? Optional.empty() : leases.endFor(adopt);
      if (told.isPresent()) {
        return new Adoption.Over(told.get());
      }
      return new Adoption.Running(recorder.begun(attempt));
    }
    Optional<OfRun> end = leases == null ? Optional.empty() : leases.endFor(adopt);
    return end.isPresent() ? new Adoption.Over(end.get()) : new Adoption.Unknown();
  }

  private static OutputRules rules(Execute order) {
    ToolDefinition.Limits limits = order.tool().definition().limits();
    OutputRules.Mode mode =
        switch (order.command().delivery()) {
          case WAIT, DETACHED -> OutputRules.Mode.KEEP;
          case STREAM -> OutputRules.Mode.PASS;
        };
    return new OutputRules(limits.stdout(), limits.stderr(), mode);
  }

  /** A defect of ours; the slot must not be lost with it. */
  private void closeUnrecorded(Attempt attempt, Throwable e) {
    RunLog.of(LOG.atError(), attempt.command())
        .setCause(e)
        .log("the end of the run cannot be recorded");
    Outcome lost = new Outcome.Lost("how it ended could not be recorded");
    tellEnd(attempt, recorder.begun(attempt).ended(lost, Instant.now()));
  }

  /**
   * What may not be lost has its slot until the home has written it down; so has its output, from
   * which the home's readers take the rest.
   */
  private void tellEnd(Attempt attempt, RunRecord ended) {
    attempt.spans().end(attempt, ended);
    boolean again = Recorder.triesAgain(attempt);
    if (Leases.outlivesItsHome(attempt.command())) {
      tell(attempt, ended, again)
          .onComplete(
              heard -> {
                release(attempt);
                attempt.output().close();
                Objects.requireNonNull(homes).tell(attempt.home(), new AttemptNews.Freed(load()));
              });
      return;
    }
    release(attempt);
    if (again) {
      // The next attempt opens the output of the same run.
      attempt.output().close();
    }
    tell(attempt, ended, again).onComplete(heard -> attempt.output().close());
  }

  private Future<Void> tell(Attempt attempt, RunRecord ended, boolean again) {
    HomeLink link = Objects.requireNonNull(homes);
    Leases held = Objects.requireNonNull(leases);
    AttemptNews.OfRun news = news(attempt, ended, again);
    NodeId home = attempt.home();
    if (!link.isHere(home)) {
      held.keep(attempt, news);
    }
    return link.ask(home, news)
        .onSuccess(heard -> held.heard(ended.id(), news))
        .onFailure(
            e -> {
              RunLog.of(LOG.atWarn(), attempt.command())
                  .setCause(e)
                  .log("{} does not hear how the run ended", home);
              held.keep(attempt, news(attempt, ended, again));
            });
  }

  private AttemptNews.OfRun news(Attempt attempt, RunRecord ended, boolean again) {
    if (attempt.misplaced() && attempt.outcome() instanceof Outcome.SandboxFailed(String reason)) {
      return new AttemptNews.NotBegun(ended, attempt.placement(), reason, load());
    }
    if (attempt.outcome() instanceof Outcome.Lost(String reason)
        && !attempt.hasBegun()
        && !Objects.requireNonNull(homes).isHere(attempt.home())) {
      // This node is stopping: another one can run it.
      return new AttemptNews.NotBegun(ended, attempt.placement(), reason, load());
    }
    return again
        ? new AttemptNews.TryAgain(ended, attempt.placement(), load())
        : new AttemptNews.Ended(
            ended, attempt.placement(), recorder.isCacheable(attempt, ended), load());
  }

  private void release(Attempt attempt) {
    attempts.remove(attempt.command().id());
    alive.set(attempts.size());
    attempt.close();
    slotsUsed.set(slots.used());
    tellLoad();
    signalIdle();
  }

  private void signalIdle() {
    if (idle != null && attempts.isEmpty()) {
      idle.tryComplete();
    }
  }

  /** What attempts ask of the executor. */
  private final class AttemptHost implements Attempt.Host {
    @Override
    public void onContext(Runnable task) {
      context.runOnContext(v -> task.run());
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
    public boolean isHere(NodeId home) {
      return Objects.requireNonNull(homes).isHere(home);
    }

    @Override
    public Future<Void> mayStart(Attempt attempt) {
      HomeLink link = Objects.requireNonNull(homes);
      NodeId home = attempt.home();
      if (!Leases.outlivesItsHome(attempt.command()) && link.isHere(home)) {
        return Future.succeededFuture();
      }
      return link.ask(
              home,
              new AttemptNews.Starting(recorder.starting(attempt), attempt.placement(), load()))
          .recover(e -> home.equals(attempt.home()) ? Future.failedFuture(e) : mayStart(attempt));
    }

    @Override
    public RunningProcess start(Execute order, Path directory, ProcessListener listener) {
      Launch launch = new Launch(order.tool(), order.command().principal(), spec(order, directory));
      return parts.starter().start(launch, listener);
    }

    private ProcessSpec spec(Execute order, Path directory) {
      if (!(order.tool().availability() instanceof Availability.Available(Path executable))) {
        throw new ServiceException(ErrorCode.TOOL_UNAVAILABLE, "the tool's program is gone");
      }
      Map<String, String> environment = new HashMap<>(order.invocation().environment());
      environment.put("HOME", directory.toString());
      environment.put("TMPDIR", directory.toString());
      if (order.tool().definition().trace()) {
        // Here and not in the invocation, which results are cached by.
        TraceContext trace = order.command().trace();
        environment.put("TRACEPARENT", trace.parent());
        if (!trace.state().isEmpty()) {
          environment.put("TRACESTATE", trace.state());
        }
      }
      return new ProcessSpec(
          node.name() + "/" + order.command().id(),
          executable,
          order.invocation().argv(),
          environment,
          directory,
          stdin(order.command().stdin()),
          order.tool().definition().grace(),
          settings.drain());
    }

    private StdinSource stdin(Stdin stdin) {
      return switch (stdin) {
        case Stdin.None() -> new StdinSource.Empty();
        case Stdin.Inline inline -> new StdinSource.Bytes(inline.bytes());
        case Stdin.Blob blob -> new StdinSource.File(parts.blobs().path(blob.digest()));
      };
    }

    @Override
    public void started(Attempt attempt) {
      Objects.requireNonNull(homes)
          .tell(
              attempt.home(),
              new AttemptNews.Started(recorder.begun(attempt), attempt.placement(), load()));
    }

    @Override
    public void done(Attempt attempt) {
      Future<RunRecord> ended = recorder.end(attempt);
      if (ended.succeeded()) {
        tellEnd(attempt, ended.result());
      } else {
        ended.onComplete(
            record -> context.runOnContext(v -> tellEnd(attempt, record)),
            e -> context.runOnContext(v -> closeUnrecorded(attempt, e)));
      }
    }
  }
}
