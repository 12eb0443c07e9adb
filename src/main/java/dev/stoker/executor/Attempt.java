package dev.stoker.executor;

import dev.stoker.executor.AttemptEvent.Collected;
import dev.stoker.executor.AttemptEvent.PrepareFailed;
import dev.stoker.executor.AttemptEvent.Prepared;
import dev.stoker.executor.AttemptEvent.ProcessEnded;
import dev.stoker.executor.AttemptEvent.ProcessStarted;
import dev.stoker.executor.AttemptEvent.StartFailed;
import dev.stoker.executor.AttemptEvent.Stop;
import dev.stoker.executor.AttemptState.Collecting;
import dev.stoker.executor.AttemptState.Done;
import dev.stoker.executor.AttemptState.Preparing;
import dev.stoker.executor.AttemptState.Running;
import dev.stoker.executor.ExecutorMessage.Execute;
import dev.stoker.output.RunOutput;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Command;
import dev.stoker.run.DurationText;
import dev.stoker.run.NodeId;
import dev.stoker.run.Outcome;
import dev.stoker.run.OutputFile;
import dev.stoker.run.RunLog;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.tool.ToolDefinition.OnExceed;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try at a run: carries out what {@link AttemptState} decides.
 *
 * <p>Confined to the executor's context, but for the {@link ProcessListener} methods, which the
 * process engine's threads call and which hand over to the context.
 */
final class Attempt implements ProcessListener {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private static final long LOOK_MILLIS = 250;
  private static final long LOOK_PAUSES = 4;

  private static final String STORAGE_TEXT =
      "its output cannot be stored: the disk is full or broken";

  private final Execute order;
  private final Host host;
  private final Slots.Slot slot;
  private final Workspace workspace;
  private final RunOutput output;
  private final AttemptSpans spans;
  private final AttemptTimes times = new AttemptTimes();

  private AttemptState state = new Preparing();
  private Map<String, OutputFile> files = Map.of();
  private @Nullable Path directory;
  private @Nullable RunningProcess process;
  private @Nullable ProcessEnd end;
  private @Nullable Long deadlineTimer;
  private @Nullable Long lookTimer;
  private boolean stopped;
  private boolean misplaced;
  private NodeId home;
  private int placement;

  /** Owned by the process engine's thread. */
  private boolean exceeded;

  /** Owned by the process engine's thread. */
  private boolean failed;

  Attempt(
      Execute order,
      Host host,
      Slots.Slot slot,
      Workspace workspace,
      RunOutput output,
      AttemptSpans spans) {
    this.order = order;
    this.spans = spans;
    this.host = host;
    this.slot = slot;
    this.workspace = workspace;
    this.output = output;
    this.home = order.order().home();
    this.placement = order.order().placement();
  }

  /** What an attempt needs done by the executor that owns it. Called on the executor's context. */
  interface Host {
    /** Runs on the executor's context, soon. */
    void onContext(Runnable task);

    /** Calls back on the executor's context after so many milliseconds, unless cancelled. */
    long after(long millis, Runnable task);

    void cancelTimer(long timer);

    /** Whether a home is this node's own dispatcher. */
    boolean isHere(NodeId home);

    /** Asks the home whether the attempt may start, where it matters. */
    Future<Void> mayStart(Attempt attempt);

    RunningProcess start(Execute order, Path directory, ProcessListener listener);

    /** The process runs. */
    void started(Attempt attempt);

    /** The outcome is there; the attempt is to be recorded and then closed. */
    void done(Attempt attempt);
  }

  /** Sets out. Once. */
  void begin() {
    output.onRoom(stream -> host.onContext(() -> resume(stream)));
    long left = Math.max(1, command().remaining(System.nanoTime()).toMillis());
    deadlineTimer = host.after(left, () -> on(new Stop(new Outcome.TimedOut(deadlineText()))));
    Future<Path> placed = workspace.open();
    Future<Void> recorded = host.mayStart(this);
    if (placed.succeeded() && recorded.succeeded()) {
      prepared(placed.result());
      return;
    }
    Future.join(placed, recorded)
        .onComplete(
            both -> host.onContext(() -> prepared(placed.result())),
            e ->
                host.onContext(
                    () -> {
                      misplaced = recorded.failed() || !host.isHere(home);
                      on(new PrepareFailed(reason(e)));
                    }));
  }

  /** Asks for its end; the first reason counts. */
  void stop(Outcome why) {
    on(new Stop(why));
  }

  Execute order() {
    return order;
  }

  /** Who decides on the run. */
  NodeId home() {
    return home;
  }

  /** As the home counts. */
  int placement() {
    return placement;
  }

  /** Another home answers for it from now on. */
  void adopt(NodeId newHome, int newPlacement) {
    home = newHome;
    placement = newPlacement;
  }

  Command command() {
    return order.command();
  }

  RunOutput output() {
    return output;
  }

  AttemptSpans spans() {
    return spans;
  }

  AttemptTimes times() {
    return times;
  }

  Map<String, OutputFile> files() {
    return files;
  }

  /** How its process went; null if none ran, or runs still. */
  @Nullable ProcessEnd end() {
    return end;
  }

  /** Whether it never began, for a reason that need not hold elsewhere or later. */
  boolean misplaced() {
    return misplaced;
  }

  /** Whether its process was asked for. */
  boolean hasBegun() {
    return process != null;
  }

  /** Whether its processes had to be ended. */
  boolean stopped() {
    return stopped;
  }

  /**
   * Its outcome.
   *
   * @throws IllegalStateException before it is done
   */
  Outcome outcome() {
    if (state instanceof Done(Outcome outcome)) {
      return outcome;
    }
    throw new IllegalStateException("run " + command().id() + " has no outcome in " + state);
  }

  /**
   * Gives back its directory and its slot; its output is closed by whoever told of its end. Once.
   */
  void close() {
    workspace.close();
    slot.release();
  }

  @Override
  public void onStarted(long pid) {
    times.started();
    host.onContext(() -> on(new ProcessStarted()));
  }

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    return switch (output.append(stream, chunk)) {
      case MORE -> Flow.CONTINUE;
      case PAUSE -> Flow.PAUSE;
      case EXCEEDED -> {
        if (!exceeded && order.tool().definition().limits().onExceed() == OnExceed.KILL) {
          exceeded = true;
          host.onContext(() -> on(new Stop(new Outcome.OutputLimit(limitText(stream)))));
        }
        yield Flow.CONTINUE;
      }
      case FAILED -> {
        if (!failed) {
          failed = true;
          host.onContext(() -> on(new Stop(new Outcome.Failed(STORAGE_TEXT))));
        }
        yield Flow.CONTINUE;
      }
    };
  }

  @Override
  public void onEnded(ProcessEnd how) {
    times.ended();
    output.end();
    host.onContext(
        () -> {
          end = how;
          on(new ProcessEnded(how));
        });
  }

  @Override
  public void onStartFailed(StartFailure failure) {
    output.end();
    host.onContext(() -> on(new StartFailed(failure.reason())));
  }

  private void on(AttemptEvent event) {
    AttemptState.Step step = state.on(event);
    state = step.next();
    switch (step.action()) {
      case NONE -> {}
      case START -> start();
      case ANNOUNCE -> {
        host.started(this);
        lookLater(LOOK_MILLIS);
      }
      case STOP -> stopProcess();
      case COLLECT -> collect();
      case FINISH -> finish();
    }
  }

  private void prepared(Path where) {
    directory = where;
    on(new Prepared());
  }

  private void start() {
    Path where = directory;
    if (where == null) {
      throw new IllegalStateException("run " + command().id() + " starts without a directory");
    }
    try {
      process = host.start(order, where, this);
    } catch (ServiceException e) {
      on(new StartFailed(reason(e)));
    }
  }

  private void stopProcess() {
    stopped = true;
    output.stopPassing();
    if (process != null) {
      process.stop();
    }
  }

  /** Looks at what its work directory holds, again and again while it runs. */
  private void lookLater(long millis) {
    if (workspace.isLimited() && state instanceof Running) {
      lookTimer = host.after(millis, this::look);
    }
  }

  private void look() {
    long sinceNanos = System.nanoTime();
    RunningProcess running = process;
    workspace
        .look(running == null ? () -> 0 : running::unnamedBytes)
        .onComplete(
            overfull -> {
              long tookMillis = (System.nanoTime() - sinceNanos) / 1_000_000;
              if (overfull != null && state instanceof Running) {
                on(new Stop(overfull));
              }
              // Many files take long to look at: others need the disk's threads, too.
              lookLater(Math.max(LOOK_MILLIS, tookMillis * LOOK_PAUSES));
            },
            e ->
                RunLog.of(LOG.atError(), command())
                    .setCause(e)
                    .log("the work directory cannot be looked at"));
  }

  private void resume(StdStream stream) {
    if (process != null) {
      process.resume(stream);
    }
  }

  private void collect() {
    Collecting collecting = (Collecting) state;
    workspace
        .collect(collecting.outcome() instanceof Outcome.Succeeded)
        .onComplete(
            found -> {
              files = found.files();
              on(new Collected(found.problem()));
            },
            e -> {
              RunLog.of(LOG.atError(), command())
                  .setCause(e)
                  .log("the run cannot collect its outputs");
              on(new Collected(new Outcome.Failed("its outputs cannot be stored")));
            });
  }

  private void finish() {
    if (lookTimer != null) {
      host.cancelTimer(lookTimer);
      lookTimer = null;
    }
    if (deadlineTimer != null) {
      host.cancelTimer(deadlineTimer);
      deadlineTimer = null;
    }
    output.end();
    host.done(this);
  }

  private String deadlineText() {
    return "its deadline of " + DurationText.format(command().timeout()) + " passed";
  }

  private String limitText(StdStream stream) {
    var limits = order.tool().definition().limits();
    var limit =
        switch (stream) {
          case STDOUT -> limits.stdout();
          case STDERR -> limits.stderr();
        };
    return stream.label() + " exceeded its limit of " + limit;
  }

  private String reason(Throwable e) {
    if (e instanceof ServiceException expected) {
      return String.valueOf(expected.getMessage());
    }
    RunLog.of(LOG.atError(), command()).setCause(e).log("the run cannot be prepared");
    return "its work directory cannot be made";
  }
}
