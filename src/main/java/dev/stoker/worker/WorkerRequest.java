package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Digest;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunLog;
import dev.stoker.run.Signals;
import dev.stoker.run.StdStream;
import dev.stoker.sandbox.Launch;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run that is a request to a worker, and what its listener hears.
 *
 * <pre>
 *            assigned            written           answered           read
 *   WAITING ─────────▶ PREPARING ───────▶ SENT ───────────▶ ANSWERED ──────▶ OVER
 *      ▲                   │               │ │                                ▲
 *      └── worker gone ────┘               │ └ worker gone, or given up ──────┘
 *      └────────── may be sent again ──────┘
 * </pre>
 *
 * Confined to the workers' thread, but for the methods of {@link RunningProcess} and the final
 * fields.
 */
final class WorkerRequest implements RunningProcess {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerRequest.class);
  private static final int CHUNK_BYTES = 64 << 10;
  private static final int EXIT_CODE_MAX = 255;

  /** Workers that may be lost before it is written to one. */
  private static final int ASSIGNMENTS_MAX = 4;

  private static final Exit KILLED = Signals.byNumber(9);

  enum Phase {
    WAITING,
    PREPARING,
    SENT,
    ANSWERED,
    OVER
  }

  private final Launch launch;
  private final ProcessListener listener;
  private final ToolWorkers pool;
  private final long number;

  private Phase phase = Phase.WAITING;
  private @Nullable Digest executable;
  private boolean stopped;
  private int assignments;
  private int sends;
  private boolean startTold;
  private @Nullable Worker worker;
  private int id;
  private @Nullable EmptyDirectory emptyDirectory;
  private @Nullable Future<?> patience;

  // Once it is answered.
  private byte[] output = new byte[0];
  private int delivered;
  private boolean paused;
  private @Nullable ProcessEnd end;

  /**
   * A request that waits.
   *
   * @param number later requests have greater ones
   */
  WorkerRequest(Launch launch, ProcessListener listener, ToolWorkers pool, long number) {
    this.launch = launch;
    this.listener = listener;
    this.pool = pool;
    this.number = number;
  }

  @Override
  public void resume(StdStream stream) {
    if (stream == StdStream.STDOUT) {
      pool.threads()
          .post(
              () -> {
                paused = false;
                deliver();
              });
    }
  }

  @Override
  public void stop() {
    pool.threads().post(() -> stop(Insistence.ASK));
  }

  @Override
  public void kill() {
    pool.threads().post(() -> stop(Insistence.FORCE));
  }

  /** Whether a worker is given time to end. */
  enum Insistence {
    ASK,
    FORCE
  }

  Launch launch() {
    return launch;
  }

  Tool tool() {
    return launch.tool();
  }

  ToolDefinition definition() {
    return launch.tool().definition();
  }

  /**
   * Of the tool's files as they were when it was first asked for. Reads them when they have
   * changed.
   *
   * @throws dev.stoker.run.ServiceException when the program is gone
   */
  Digest executable() {
    Digest known = executable;
    if (known == null) {
      known = launch.tool().executableDigest();
      executable = known;
    }
    return known;
  }

  Phase phase() {
    return phase;
  }

  /** Whether a worker has it, or is about to. */
  boolean isUnanswered() {
    return phase == Phase.PREPARING || phase == Phase.SENT;
  }

  boolean stopped() {
    return stopped;
  }

  /** Its place in the order of all requests. */
  long number() {
    return number;
  }

  /** Within its worker. */
  int id() {
    return id;
  }

  /** The request's directory in its worker's. */
  String directory() {
    return emptyDirectory == null ? "r" + id : emptyDirectory.name();
  }

  /** Gets one that was there already. */
  void isIn(EmptyDirectory directory) {
    emptyDirectory = directory;
  }

  /** The request's directory if it was there already; null if it is one of its own. */
  @Nullable EmptyDirectory emptyDirectory() {
    return emptyDirectory;
  }

  /** What the worker is to be told: the tool's command without the program. */
  List<String> arguments() {
    List<String> argv = launch.spec().argv();
    return argv.subList(1, argv.size());
  }

  /** Whether it may be sent to another worker though one has begun it. */
  boolean mayBeSentAgain() {
    ToolDefinition.Retry retry = definition().retry();
    return retry.on().contains(ToolDefinition.RetryOn.LOST) && sends < retry.attempts();
  }

  /** Whether it may go to another worker though one was lost before it was sent. */
  boolean mayBeAssignedAgain() {
    return assignments < ASSIGNMENTS_MAX;
  }

  void assigned(Worker to, int number) {
    worker = to;
    id = number;
    assignments++;
    phase = Phase.PREPARING;
  }

  /** Goes back to wait. */
  void unassigned() {
    worker = null;
    emptyDirectory = null;
    phase = Phase.WAITING;
  }

  void sent() {
    sends++;
    phase = Phase.SENT;
  }

  /** Tells that it runs; once, wherever it goes on. */
  void begun(long pid) {
    if (!startTold) {
      startTold = true;
      guarded("onStarted", () -> listener.onStarted(pid));
    }
  }

  /** How long a worker has to break it off. */
  void waitFor(Future<?> timer) {
    patience = timer;
  }

  /** The worker has done with it. */
  void answered() {
    phase = Phase.ANSWERED;
    if (patience != null) {
      patience.cancel(false);
      patience = null;
    }
  }

  /** Gives the answer to the listener; {@code problem} is why it is a failure all the same. */
  void answer(WorkReply.Answer answer, @Nullable String problem) {
    int code = answer.exitCode();
    Exit exit = new Exit.Code(code < 0 || code > EXIT_CODE_MAX ? EXIT_CODE_MAX : code);
    ProcessEnd plain = new ProcessEnd(exit, null, 0, false, false);
    end = problem == null ? plain : plain.judged(new Outcome.Failed(problem));
    output = answer.output().getBytes(UTF_8);
    deliver();
  }

  /** It is over; the listener has heard all it will hear of output. */
  void over(ProcessEnd how) {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      output = new byte[0];
      if (patience != null) {
        patience.cancel(false);
      }
      guarded("onEnded", () -> listener.onEnded(how));
    }
  }

  /** It never ran. */
  void notStarted(StartFailure why) {
    if (startTold) {
      // In a worker that is gone.
      over(new ProcessEnd(KILLED, null, 0, false, false, new Outcome.SandboxFailed(why.reason())));
    } else if (phase != Phase.OVER) {
      phase = Phase.OVER;
      guarded("onStartFailed", () -> listener.onStartFailed(why));
    }
  }

  /** The same, because nobody wants it any more. */
  void notStarted() {
    notStarted(
        new StartFailure(
            0,
            "cannot start '" + launch.spec().argv().getFirst() + "': stopped before it started"));
  }

  private void stop(Insistence how) {
    switch (phase) {
      case WAITING -> {
        stopped = true;
        pool.withdraw(this);
      }
      case PREPARING -> {
        stopped = true;
        if (worker != null) {
          worker.stopUnsent(this);
        }
      }
      case SENT -> {
        boolean again = stopped;
        stopped = true;
        if (worker != null && (!again || how == Insistence.FORCE)) {
          worker.stop(this, how);
        }
      }
      case ANSWERED -> {
        stopped = true;
        deliver();
      }
      case OVER -> {}
    }
  }

  private void deliver() {
    ProcessEnd known = end;
    if (known == null || phase != Phase.ANSWERED) {
      return;
    }
    while (!stopped && !paused && delivered < output.length) {
      int length = Math.min(CHUNK_BYTES, output.length - delivered);
      ByteBuffer chunk = ByteBuffer.wrap(output, delivered, length);
      delivered += length;
      paused = hear(chunk) == Flow.PAUSE;
    }
    if (stopped || delivered == output.length) {
      over(known);
    }
  }

  private Flow hear(ByteBuffer chunk) {
    try {
      return listener.onOutput(StdStream.STDOUT, chunk);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), launch.spec().mark())
          .setCause(e)
          .log("the listener failed in onOutput; stopped");
      stopped = true;
      return Flow.CONTINUE;
    }
  }

  private void guarded(String call, Runnable tell) {
    try {
      tell.run();
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), launch.spec().mark())
          .setCause(e)
          .log("the listener failed in {}", call);
      kill();
    }
  }
}
