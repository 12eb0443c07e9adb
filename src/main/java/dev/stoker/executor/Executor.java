package dev.stoker.executor;

import dev.stoker.executor.ExecutorMessage.Ack;
import dev.stoker.executor.ExecutorMessage.Cancel;
import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.output.OutputRules;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Stdin;
import dev.stoker.tool.Availability;
import dev.stoker.tool.ToolDefinition;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands within this node's slots. A verticle, one a node; everything but {@link #slotsUsed}
 * is confined to its context.
 */
public final class Executor extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Executor.class);

  private static final long NEWS_MILLIS = 5000;

  private final ExecutorSettings settings;
  private final ExecutorParts parts;
  private final Slots slots;
  private final Recorder recorder;
  private final Map<RunId, Attempt> attempts = new HashMap<>();
  private final AtomicInteger slotsUsed = new AtomicInteger();
  private final Attempt.Host host = new AttemptHost();
  private @Nullable WorkerExecutor disk;
  private @Nullable WorkDirectories directories;
  private @Nullable Promise<Void> idle;

  public Executor(ExecutorSettings settings, ExecutorParts parts) {
    this.settings = settings;
    this.parts = parts;
    this.slots = new Slots(settings.slots());
    this.recorder = new Recorder(settings.node(), parts);
  }

  /** Where the executor of a node hears {@link ExecutorMessage}s. */
  public static String address(String node) {
    return "stoker.v1.executor." + node;
  }

  /** Slots in use. Thread-safe. */
  public int slotsUsed() {
    return slotsUsed.get();
  }

  @Override
  public Future<?> start() {
    WorkerExecutor threads =
        vertx.createSharedWorkerExecutor("stoker-disk", settings.diskThreads());
    disk = threads;
    return threads
        .executeBlocking(this::makeDirectories, false)
        .onSuccess(
            made -> {
              directories = made;
              vertx.eventBus().<ExecutorMessage>consumer(address(settings.node()), this::onMessage);
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

  private void onMessage(Message<ExecutorMessage> message) {
    switch (message.body()) {
      case Execute order -> message.reply(execute(order));
      case Cancel(RunId run, String reason) -> {
        Attempt attempt = attempts.get(run);
        if (attempt != null) {
          attempt.stop(new Outcome.Cancelled(reason));
        }
      }
    }
  }

  private Ack execute(Execute order) {
    if (directories == null || disk == null || idle != null) {
      return Ack.BUSY;
    }
    Command command = order.command();
    int toolMax = order.tool().definition().concurrency().perNode();
    Optional<Slots.Slot> slot = slots.acquire(command.tool(), toolMax, command.id());
    if (slot.isEmpty()) {
      return Ack.BUSY;
    }
    slotsUsed.set(slots.used());
    Attempt attempt =
        new Attempt(
            order,
            host,
            slot.get(),
            new Workspace(directories, disk, parts.blobs(), order),
            parts.outputs().open(command.id(), rules(order)));
    attempts.put(command.id(), attempt);
    attempt.begin();
    return Ack.ACCEPTED;
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
    LOG.error("the end of run {} cannot be recorded", attempt.command().id(), e);
    Outcome lost = new Outcome.Lost("how it ended could not be recorded");
    close(attempt, new AttemptNews.Ended(recorder.begun(attempt).ended(lost, Instant.now())));
  }

  private void close(Attempt attempt, AttemptNews news) {
    attempts.remove(attempt.command().id());
    attempt.close();
    slotsUsed.set(slots.used());
    if (news instanceof AttemptNews.TryAgain) {
      // The next attempt opens the output of the same run.
      attempt.output().close();
    }
    vertx
        .eventBus()
        .request(attempt.order().newsTo(), news, new DeliveryOptions().setSendTimeout(NEWS_MILLIS))
        .onComplete(heard -> attempt.output().close());
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
    public Future<Void> recordStart(Attempt attempt) {
      return recorder.start(attempt);
    }

    @Override
    public RunningProcess start(ProcessSpec spec, ProcessListener listener) {
      return parts.runner().start(spec, listener);
    }

    @Override
    public ProcessSpec spec(Execute order, Path directory) {
      if (!(order.tool().availability() instanceof Availability.Available(Path executable))) {
        throw new ServiceException(ErrorCode.TOOL_UNAVAILABLE, "the tool's program is gone");
      }
      Map<String, String> environment = new HashMap<>(order.invocation().environment());
      environment.put("HOME", directory.toString());
      environment.put("TMPDIR", directory.toString());
      return new ProcessSpec(
          settings.node() + "/" + order.command().id(),
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
      vertx
          .eventBus()
          .send(attempt.order().newsTo(), new AttemptNews.Started(recorder.begun(attempt)));
    }

    @Override
    public void done(Attempt attempt) {
      Future<AttemptNews> written = recorder.end(attempt);
      if (written.succeeded()) {
        close(attempt, written.result());
      } else {
        written.onComplete(
            news -> context.runOnContext(v -> close(attempt, news)),
            e -> context.runOnContext(v -> closeUnrecorded(attempt, e)));
      }
    }
  }
}
