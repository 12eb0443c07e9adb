package dev.stoker.worker;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Digest;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Principal;
import dev.stoker.run.Signals;
import dev.stoker.sandbox.Launch;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Sharing;
import dev.stoker.worker.WorkerRequest.Insistence;
import dev.stoker.worker.WorkerRequest.Phase;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process that works one request after the other, or some at once.
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

  /** After a request a worker may have this share of the memory it would be killed for. */
  private static final double MEMORY_SHARE = 0.8;

  private static final Exit KILLED = Signals.byNumber(9);

  private enum State {
    MAKING,
    LIVING,
    ENDING,
    DEAD
  }

  /** A request for which the input has no room. */
  private record Unsent(WorkerRequest request, List<String> inputs) {}

  private final ToolWorkers pool;
  private final WorkerThreads threads;
  private final Launch first;
  private final Digest executable;
  private final ToolDefinition.Worker rules;
  private final String name;
  private final WorkerProcess process;
  private final WorkerFiles files;
  private final Map<Integer, WorkerRequest> requests = new LinkedHashMap<>();
  private final Queue<Unsent> unsent = new ArrayDeque<>();

  /** Those that are over, though the worker may still be at them. */
  private final Set<Integer> givenUp = new HashSet<>();

  private State state = State.MAKING;
  private boolean retiring;
  private boolean sendsOthersAgain;
  private @Nullable Outcome verdict;
  private @Nullable StartFailure startFailure;
  private @Nullable Future<?> idle;
  private long pid;
  private int lastId;

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
    this.rules = Objects.requireNonNull(request.definition().worker());
    this.name = name;
    this.process = new WorkerProcess(first, name, () -> threads.post(this::sendUnsent));
    this.files = new WorkerFiles(threads, name);
  }

  /** Sets out. Once. */
  void begin() {
    files.make(pool::makeCell, this::made);
  }

  String name() {
    return name;
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

  /**
   * Whether it may take a request; one that is answered, and only to be cleaned up, takes no room.
   */
  boolean hasRoom() {
    return requests.values().stream().filter(WorkerRequest::isUnanswered).count()
        < rules.multiplex();
  }

  /** What it is at, files of finished requests included. */
  int load() {
    return requests.size() - givenUp.size();
  }

  /** Whether it makes room soon. */
  boolean leaving() {
    return retiring || state == State.ENDING || state == State.DEAD;
  }

  /** Takes a request; there is room. */
  void assign(WorkerRequest request) {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
    request.assigned(this, ++lastId);
    requests.put(request.id(), request);
    if (lastId >= rules.maxUses()) {
      retiring = true;
    }
    if (files.areThere()) {
      prepare(request);
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

  /** Ends it at once, and what it is at with it. */
  void kill() {
    state = state == State.DEAD ? state : State.ENDING;
    process.kill();
  }

  /** Breaks a request off that was sent and is not answered. */
  void stop(WorkerRequest request, Insistence how) {
    if (state != State.LIVING || givenUp.contains(request.id())) {
      if (how == Insistence.FORCE) {
        kill();
      }
      return;
    }
    if (how == Insistence.FORCE) {
      giveUp(request);
    } else if (rules.cancel()) {
      // Should it not fit, the worker has too much to read to answer in time.
      var _ = process.tell(WorkProtocol.cancel(wireId(request)));
      request.waitFor(
          threads.after(request.definition().grace(), () -> giveUpUnlessAnswered(request)));
    } else if (isAlone(request)) {
      // Its input stays open: an end of file could pass for an end in good order.
      state = State.ENDING;
      process.stop();
    } else {
      giveUp(request);
    }
  }

  /** The same of one that may not be sent yet. */
  void stopUnsent(WorkerRequest request) {
    if (unsent.removeIf(one -> one.request() == request)) {
      request.notStarted();
      clear(request);
    }
  }

  void started(long number) {
    pid = number;
    requests.values().stream()
        .filter(request -> request.phase() == Phase.SENT)
        .forEach(request -> request.begun(pid));
  }

  void readOn() {
    process.readOn();
  }

  void replied(WorkReply reply) {
    if (state != State.LIVING) {
      return;
    }
    switch (reply) {
      case WorkReply.Answer answer -> answered(find(answer.request()), answer);
      case WorkReply.Cancelled(int id) -> {
        WorkerRequest request = find(id);
        if (request == null || !request.stopped()) {
          condemn(
              "broke the protocol: it broke off request " + id + ", which nobody had asked for");
        } else {
          answered(request, new WorkReply.Answer(id, 0, ""));
        }
      }
      case WorkReply.Broken(String why) -> condemn(why);
    }
  }

  /** Its process and all below it are dead. */
  void ended(ProcessEnd end, boolean inALine) {
    if (state != State.ENDING && load() > 0) {
      LOG.warn("worker {} {}", name, process.how(end, inALine, load()));
    }
    state = State.DEAD;
    Outcome why =
        end.verdict() != null
            ? end.verdict()
            : Objects.requireNonNullElseGet(
                verdict,
                () -> new Outcome.Failed("its worker " + process.how(end, inALine, load())));
    for (WorkerRequest request : List.copyOf(requests.values())) {
      switch (request.phase()) {
        case SENT -> {
          requests.remove(request.id());
          if (request.stopped()) {
            request.over(new ProcessEnd(end.exit(), null, 0, false, false));
          } else if (sendsOthersAgain && request.mayBeSentAgain()) {
            pool.again(request);
          } else {
            request.over(new ProcessEnd(end.exit(), null, 0, false, false, why));
          }
        }
        case OVER -> requests.remove(request.id());
        case WAITING, PREPARING, ANSWERED -> {}
      }
    }
    sendUnsent();
    dead();
  }

  /** There is no process. */
  void startFailed(StartFailure failure) {
    if (state != State.ENDING) {
      startFailure = failure;
    }
    state = State.DEAD;
    for (WorkerRequest request : List.copyOf(requests.values())) {
      if (request.phase() == Phase.SENT) {
        returnUnsent(request);
      }
    }
    sendUnsent();
    dead();
  }

  private boolean serves(Principal principal) {
    return rules.sharing() == Sharing.ANYONE || first.principal().equals(principal);
  }

  private int wireId(WorkerRequest request) {
    return rules.multiplex() == 1 ? WorkProtocol.SINGLE : request.id();
  }

  private @Nullable WorkerRequest find(int id) {
    return requests.values().stream()
        .filter(request -> wireId(request) == id)
        .filter(request -> request.phase() == Phase.SENT || givenUp.contains(request.id()))
        .findFirst()
        .orElse(null);
  }

  private boolean isAlone(WorkerRequest request) {
    return requests.values().stream().noneMatch(other -> other != request && other.isUnanswered());
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
    List.copyOf(requests.values()).forEach(this::prepare);
  }

  private void prepare(WorkerRequest request) {
    files.bringIn(request, inputs -> prepared(request, inputs));
  }

  private void prepared(WorkerRequest request, @Nullable List<String> inputs) {
    if (state != State.LIVING) {
      returnUnsent(request);
    } else if (inputs == null) {
      requests.remove(request.id());
      request.notStarted(new StartFailure(0, "its files cannot be brought to its worker"));
      retire("its directory cannot be used");
    } else {
      send(request, inputs);
    }
  }

  private void send(WorkerRequest request, List<String> inputs) {
    if (request.stopped()) {
      request.notStarted();
      clear(request);
      return;
    }
    byte[] line =
        WorkProtocol.request(wireId(request), request.arguments(), inputs, request.directory());
    if (!unsent.isEmpty() || !process.tell(line)) {
      unsent.add(new Unsent(request, inputs));
      return;
    }
    request.sent();
    if (pid > 0) {
      request.begun(pid);
    }
  }

  private void sendUnsent() {
    List<Unsent> waiting = List.copyOf(unsent);
    unsent.clear();
    if (state == State.LIVING) {
      waiting.forEach(one -> send(one.request(), one.inputs()));
    } else {
      waiting.forEach(one -> returnUnsent(one.request()));
    }
  }

  /** No worker has begun it. */
  private void returnUnsent(WorkerRequest request) {
    requests.remove(request.id());
    if (request.stopped()) {
      request.notStarted();
    } else if (startFailure != null) {
      request.notStarted(startFailure);
    } else if (request.mayBeAssignedAgain()) {
      pool.again(request);
    } else {
      request.notStarted(new StartFailure(0, "its workers end before they are sent anything"));
    }
  }

  private void answered(@Nullable WorkerRequest request, WorkReply.Answer answer) {
    if (request == null) {
      condemn(
          "broke the protocol: it answered request "
              + answer.request()
              + ", which it does not have");
      return;
    }
    if (givenUp.remove(request.id())) {
      clear(request);
      return;
    }
    request.answered();
    boolean hasFiles = !request.definition().outputs().isEmpty();
    if (!hasFiles || request.stopped() || answer.exitCode() != 0) {
      request.answer(answer, null);
      clear(request);
      return;
    }
    files.bringOut(
        request,
        problem -> {
          request.answer(answer, problem);
          clear(request);
        });
  }

  /** Removes what a request leaves, and looks at what it has left in memory. */
  private void clear(WorkerRequest request) {
    if (state != State.LIVING) {
      requests.remove(request.id());
      return;
    }
    long memoryMax = pool.memoryMax(first.tool());
    long process = pid;
    files.clear(
        request,
        () -> memoryMax > 0 ? ResidentSize.of(process) : 0,
        resident -> {
          requests.remove(request.id());
          if (resident == null) {
            retire("what a request has left cannot be removed");
          } else if (resident > memoryMax * MEMORY_SHARE) {
            retire("it keeps " + resident + " bytes of memory; it may have " + memoryMax);
          } else {
            goOn();
          }
        });
  }

  /** After something has become free. */
  private void goOn() {
    if (state == State.LIVING && load() == 0) {
      if (!givenUp.isEmpty()) {
        kill();
      } else if (retiring) {
        end();
      } else if (idle == null) {
        idle = threads.after(rules.idle(), () -> retire("it has nothing to do"));
      }
    }
    pool.serve();
  }

  private void giveUpUnlessAnswered(WorkerRequest request) {
    if (request.phase() == Phase.SENT && state == State.LIVING) {
      giveUp(request);
    }
  }

  /**
   * A request goes on that must not. Alone, it dies with its worker. With others, which did nothing
   * wrong: where they may run twice they are sent to another worker; where not, they end in this
   * one, which then dies.
   */
  private void giveUp(WorkerRequest request) {
    boolean othersMayGo =
        requests.values().stream()
            .filter(other -> other != request && other.phase() == Phase.SENT)
            .filter(other -> !other.stopped())
            .allMatch(WorkerRequest::mayBeSentAgain);
    if (isAlone(request) || othersMayGo) {
      sendsOthersAgain = true;
      kill();
      return;
    }
    LOG.warn(
        "worker {}: a request does not end; it is ended when its other requests are over", name);
    givenUp.add(request.id());
    retiring = true;
    request.over(new ProcessEnd(KILLED, null, 0, false, false));
    pool.serve();
  }

  private void condemn(String why) {
    LOG.warn("worker {} {}; killed", name, why);
    verdict = new Outcome.Failed("its worker " + why);
    kill();
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
