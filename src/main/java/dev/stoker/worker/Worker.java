package dev.stoker.worker;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Digest;
import dev.stoker.run.Outcome;
import dev.stoker.run.Principal;
import dev.stoker.sandbox.Launch;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Sharing;
import dev.stoker.worker.WorkerRequest.Insistence;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process that works one request after the other, or some at once: its life. What it does for a
 * request is in {@link WorkerDuties}.
 *
 * <pre>
 *            its directory is made       told to end, or killed        dead and reaped
 *   MAKING ───────────────────────▶ LIVING ──────────────▶ ENDING ─────────────────▶ DEAD
 *     └───────────────────────────────────────────────────────────────────────────────▲
 * </pre>
 *
 * One that retires takes no more requests and is ended when those that it has are over. Confined to
 * the workers' thread.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private enum State {
    MAKING,
    LIVING,
    ENDING,
    DEAD
  }

  private final ToolWorkers pool;
  private final WorkerThreads threads;
  private final Launch first;
  private final Digest executable;
  private final ToolDefinition.Worker rules;
  private final String name;
  private final WorkerProcess process;
  private final WorkerFiles files;
  private final WorkerDuties duties;

  private State state = State.MAKING;
  private boolean retiring;
  private @Nullable Outcome verdict;
  private @Nullable StartFailure startFailure;
  private @Nullable Future<?> idle;
  private long pid;

  /**
   * One that is about to be made.
   *
   * @param name for the log and the process's mark
   */
  Worker(ToolWorkers pool, WorkerRequest request, String name) {
    this.pool = pool;
    this.threads = pool.threads();
    this.first = request.launch();
    this.executable = request.executable();
    ToolDefinition tool = request.definition();
    this.rules = Objects.requireNonNull(tool.worker());
    this.name = name;
    this.process = new WorkerProcess(first, name, () -> threads.post(this::roomMade));
    boolean hasFiles = !tool.inputs().isEmpty() || !tool.outputs().isEmpty();
    this.files = new WorkerFiles(threads, name, hasFiles ? 0 : rules.multiplex());
    this.duties =
        new WorkerDuties(
            this, pool, rules, new Outbox(process), files, pool.memoryMax(first.tool()));
  }

  /** Sets out. Once. */
  void begin() {
    files.make(pool::makeCell, this::made);
  }

  String name() {
    return name;
  }

  /** Of its process; 0 before it runs. */
  long pid() {
    return pid;
  }

  /** Whether it is one for such requests, now and later. */
  boolean fits(WorkerRequest request) {
    return !leaving() && isCurrent(request) && serves(request.launch().principal());
  }

  /** Whether it was made of what the tool is now. */
  boolean isCurrent(WorkerRequest request) {
    return first.tool().digest().equals(request.tool().digest())
        && executable.equals(request.executable());
  }

  /** Whether it may take a request. */
  boolean hasRoom() {
    return duties.hasRoom();
  }

  /** What it is at, files of finished requests included. */
  int load() {
    return duties.load();
  }

  /** Whether it makes room soon. */
  boolean leaving() {
    return retiring || state == State.ENDING || state == State.DEAD;
  }

  /** Whether its process has not begun. */
  boolean isStarting() {
    return state == State.MAKING || (state == State.LIVING && pid == 0);
  }

  /** Whether it can be sent something. */
  boolean isLiving() {
    return state == State.LIVING;
  }

  /** Why there is no process, nor would be for another; null when that is not so. */
  @Nullable StartFailure startFailure() {
    return startFailure;
  }

  /** Takes a request; there is room. */
  void assign(WorkerRequest request) {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
    if (duties.take(request) >= rules.maxUses()) {
      retiring = true;
    }
  }

  /** Takes no more requests. */
  void retire(String why) {
    if (!leaving()) {
      LOG.debug("worker {} retires: {}", name, why);
      retiring = true;
    }
    goOn();
  }

  /** The same without looking whether it can go. */
  void takeNoMore() {
    retiring = true;
  }

  /** After something has become free. */
  void goOn() {
    if (state == State.LIVING && load() == 0) {
      if (duties.hasGivenUp()) {
        kill();
      } else if (retiring) {
        end();
      } else if (idle == null) {
        idle = threads.after(rules.idle(), () -> retire("it has nothing to do"));
      }
    }
    pool.serve();
  }

  /** Ends it at once, and what it is at with it. */
  void kill() {
    state = state == State.DEAD ? state : State.ENDING;
    process.kill();
  }

  /** Asks it to end, and gives it the tool's grace, with what it is at. */
  void stop() {
    // Its input stays open: an end of file could pass for an end in good order.
    state = State.ENDING;
    process.stop();
  }

  /**
   * Kills it for what it did.
   *
   * @param why completes "its worker …"
   * @param said some of its output; empty for none
   */
  void condemn(String why, String said) {
    LOG.warn("worker {} {}; killed", name, why);
    verdict = new Outcome.Failed("its worker " + quoting(why, said));
    kill();
  }

  /** Whatever it writes may be about any request that it has had: only its one caller is told. */
  private String quoting(String why, String said) {
    return said.isEmpty() || duties.taken() > 1 ? why : why + ": " + said;
  }

  /** Breaks a request off that was sent and is not answered. */
  void stop(WorkerRequest request, Insistence how) {
    duties.stop(request, how);
  }

  /** The same of one that may not be sent yet. */
  void stopUnsent(WorkerRequest request) {
    duties.stopUnsent(request);
  }

  void started(long number) {
    pid = number;
    duties.started();
  }

  void readOn() {
    process.readOn();
  }

  void replied(WorkReply reply) {
    if (state == State.LIVING) {
      duties.replied(reply);
    }
  }

  /** Its process and all below it are dead. */
  void ended(ProcessEnd end, boolean inALine) {
    String how = WorkerProcess.how(end, inALine, load());
    if (state != State.ENDING && load() > 0) {
      LOG.warn("worker {} {}", name, how);
    }
    state = State.DEAD;
    Outcome blame =
        Objects.requireNonNullElseGet(
            verdict, () -> new Outcome.Failed("its worker " + quoting(how, process.said())));
    duties.ended(end.exit(), Objects.requireNonNullElse(end.verdict(), blame));
    dead();
  }

  /** There is no process. */
  void startFailed(StartFailure failure) {
    if (state != State.ENDING) {
      startFailure = failure;
    }
    state = State.DEAD;
    duties.neverBegan();
    dead();
  }

  private boolean serves(Principal principal) {
    return rules.sharing() == Sharing.ANYONE || first.principal().equals(principal);
  }

  private void roomMade() {
    duties.sendUnsent();
  }

  private void made(@Nullable WorkerCell made) {
    if (made == null || state != State.MAKING) {
      startFailed(new StartFailure(0, "its worker's directory cannot be made"));
      return;
    }
    try {
      process.start(pool.starter(), made.directory(), this, threads);
      state = State.LIVING;
    } catch (RuntimeException e) {
      LOG.error("worker {} cannot be started", name, e);
      startFailed(new StartFailure(0, "its worker cannot be started"));
      return;
    }
    duties.begin();
  }

  private void end() {
    state = State.ENDING;
    process.endInput();
    process.stop();
  }

  private void dead() {
    if (idle != null) {
      idle.cancel(false);
    }
    pool.left(this);
    files.removeAll(pool::removed);
    pool.serve();
  }
}
