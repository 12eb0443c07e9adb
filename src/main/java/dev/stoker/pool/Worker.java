package dev.stoker.pool;

import dev.stoker.pool.WorkerRequest.Insistence;
import dev.stoker.pool.WorkerRequest.Phase;
import dev.stoker.process.LiveInput;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Digest;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Principal;
import dev.stoker.run.Signals;
import dev.stoker.run.StdStream;
import dev.stoker.sandbox.Launch;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Sharing;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private static final String FLAG = "--persistent_worker";
  private static final int INPUT_BYTES_MAX = 4 << 20;
  private static final int LINE_BYTES_LEAST = 64 << 10;
  private static final int LINE_BYTES_MAX = 16 << 20;

  /** A byte of text may be written as an escape of six characters. */
  private static final int ESCAPE_CHARS = 6;

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
  private record Unsent(WorkerRequest request, List<String> files) {}

  private final ToolWorkers pool;
  private final WorkerThreads threads;
  private final Launch first;
  private final Digest executable;
  private final ToolDefinition.Worker rules;
  private final String name;
  private final WorkerLog log;
  private final LiveInput input;
  private final Map<Integer, WorkerRequest> requests = new LinkedHashMap<>();
  private final Queue<Unsent> unsent = new ArrayDeque<>();

  /** Those that are over, though the worker may still be at them. */
  private final Set<Integer> givenUp = new HashSet<>();

  private State state = State.MAKING;
  private boolean retiring;
  private boolean sendsOthersAgain;
  private @Nullable Outcome verdict;
  private @Nullable WorkerCell cell;
  private @Nullable RunningProcess process;
  private @Nullable StartFailure startFailure;
  private @Nullable Future<?> idle;
  private long pid;
  private int lastId;
  private int jobs;

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
    this.log = new WorkerLog(name);
    this.input = new LiveInput(INPUT_BYTES_MAX, () -> threads.post(this::sendUnsent));
  }

  /** Sets out. Once. */
  void begin() {
    jobs++;
    threads.onDisk(pool::makeCell, this::made);
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

  /** Whether it may take a request; one that is answered, and only to be cleaned up, takes no room. */
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
    if (cell != null) {
      prepare(request, cell);
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
    if (process != null) {
      process.kill();
    }
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
      input.offer(WorkProtocol.cancel(wireId(request)));
      request.waitFor(
          threads.after(request.definition().grace(), () -> giveUpUnlessAnswered(request)));
    } else if (isAlone(request)) {
      // Its input stays open: an end of file could pass for an end in good order.
      state = State.ENDING;
      if (process != null) {
        process.stop();
      }
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
    if (process != null) {
      process.resume(StdStream.STDOUT);
    }
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
      LOG.warn("worker {} {}", name, how(end, inALine));
    }
    state = State.DEAD;
    Outcome why =
        end.verdict() != null
            ? end.verdict()
            : Objects.requireNonNullElseGet(
                verdict, () -> new Outcome.Failed("its worker " + how(end, inALine)));
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
    return requests.values().stream()
        .allMatch(other -> other == request || givenUp.contains(other.id()));
  }

  private void made(@Nullable WorkerCell made, @Nullable IOException failure) {
    jobs--;
    cell = made;
    if (made == null || state != State.MAKING) {
      if (failure != null) {
        LOG.error("worker {} gets no directory", name, failure);
      }
      startFailed(new StartFailure(0, "its worker's directory cannot be made"));
      return;
    }
    try {
      process =
          pool.starter()
              .start(
                  new Launch(first.tool(), first.principal(), spec(made)),
                  new WorkerStreams(this, threads, log, lineBytesMax()));
      state = State.LIVING;
    } catch (IllegalStateException e) {
      startFailed(new StartFailure(0, "its worker cannot be started: the node is stopping"));
      return;
    }
    List.copyOf(requests.values()).forEach(request -> prepare(request, made));
  }

  private ProcessSpec spec(WorkerCell made) {
    ProcessSpec run = first.spec();
    List<String> argv = new ArrayList<>(rules.command());
    argv.add(FLAG);
    Map<String, String> environment = new HashMap<>(run.environment());
    environment.put("HOME", made.directory().toString());
    environment.put("TMPDIR", made.directory().toString());
    return new ProcessSpec(
        run.mark().substring(0, run.mark().lastIndexOf('/') + 1) + "worker/" + name,
        run.executable(),
        argv,
        environment,
        made.directory(),
        new StdinSource.Live(input),
        run.grace(),
        run.drain());
  }

  private int lineBytesMax() {
    long stdout = first.tool().definition().limits().stdout().bytes();
    return (int) Math.min(LINE_BYTES_MAX, LINE_BYTES_LEAST + ESCAPE_CHARS * stdout);
  }

  private void prepare(WorkerRequest request, WorkerCell in) {
    jobs++;
    threads.onDisk(
        () -> in.bringIn(request.directory(), request.launch().spec().directory()),
        (files, failure) -> prepared(request, files, failure));
  }

  private void prepared(
      WorkerRequest request, @Nullable List<String> files, @Nullable IOException failure) {
    jobs--;
    if (state != State.LIVING) {
      returnUnsent(request);
    } else if (files == null) {
      LOG.error("worker {} cannot get the files of a request", name, failure);
      requests.remove(request.id());
      request.notStarted(new StartFailure(0, "its files cannot be brought to its worker"));
      retire("its directory cannot be used");
    } else if (request.stopped()) {
      request.notStarted();
      clear(request);
    } else {
      send(request, files);
    }
    removeWhenDone();
  }

  private void send(WorkerRequest request, List<String> files) {
    byte[] line =
        WorkProtocol.request(wireId(request), request.arguments(), files, request.directory());
    if (!unsent.isEmpty() || !input.offer(line)) {
      unsent.add(new Unsent(request, files));
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
      waiting.forEach(one -> send(one.request(), one.files()));
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
    WorkerCell from = cell;
    if (request.stopped()
        || answer.exitCode() != 0
        || request.definition().outputs().isEmpty()
        || from == null) {
      request.answer(answer, null);
      clear(request);
      return;
    }
    jobs++;
    threads.onDisk(
        () ->
            Optional.ofNullable(
                from.bringOut(
                    request.directory(),
                    request.launch().spec().directory(),
                    request.definition().outputs())),
        (problem, failure) -> {
          jobs--;
          if (failure != null) {
            LOG.warn("worker {}: the files of a request cannot be taken", name, failure);
          }
          request.answer(
              answer,
              problem == null ? "its files cannot be taken from its worker" : problem.orElse(null));
          clear(request);
        });
  }

  /** Removes what a request leaves, and looks at what it has left in memory. */
  private void clear(WorkerRequest request) {
    WorkerCell in = cell;
    if (state != State.LIVING || in == null) {
      requests.remove(request.id());
      removeWhenDone();
      return;
    }
    long memoryMax = pool.memoryMax(first.tool());
    jobs++;
    threads.onDisk(
        () -> {
          if (!in.clear(request.directory())) {
            return "a request has left too many files";
          }
          return memoryMax > 0 && ResidentSize.of(pid) > memoryMax * MEMORY_SHARE
              ? "it keeps more memory than %.0f %% of what it may have"
                  .formatted(MEMORY_SHARE * 100)
              : "";
        },
        (problem, failure) -> {
          jobs--;
          requests.remove(request.id());
          if (problem == null || !problem.isEmpty()) {
            LOG.info(
                "worker {} is made anew: {}",
                name,
                problem == null ? "its files cannot be removed: " + failure : problem);
            retiring = true;
          }
          goOn();
          removeWhenDone();
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
    input.close();
    if (process != null) {
      process.stop();
    }
  }

  private void dead() {
    if (idle != null) {
      idle.cancel(false);
    }
    pool.left(this);
    removeWhenDone();
    pool.serve();
  }

  private void removeWhenDone() {
    if (state == State.DEAD && jobs == 0) {
      jobs = -1;
      WorkerCell used = cell;
      threads.onDisk(
          () -> {
            if (used != null) {
              used.remove();
            }
            return name;
          },
          (removed, failure) -> {
            if (failure != null) {
              LOG.warn("worker {}: its directory cannot be removed", name, failure);
            }
            pool.removed();
          });
    }
  }

  private String how(ProcessEnd end, boolean inALine) {
    String exit =
        switch (end.exit()) {
          case Exit.Code(int code) -> "ended with exit code " + code;
          case Exit.Signal signal -> "was ended by " + signal.name();
        };
    String tail = log.tail();
    return exit
        + (inALine ? " in the middle of a line" : " before it answered")
        + (load() > 1 ? " any of " + load() + " requests" : "")
        + (tail.isEmpty() ? "" : ": " + tail);
  }
}
