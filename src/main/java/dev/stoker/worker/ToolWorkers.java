package dev.stoker.worker;

import dev.stoker.process.StartFailure;
import dev.stoker.run.ByteSize;
import dev.stoker.run.ServiceException;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One tool's workers, and the requests that wait for one, which are served in the order in which
 * they came. Confined to the workers' thread.
 *
 * <p>A request passes an earlier one only where the earlier one has no use for the worker: it is of
 * another principal, or of another state of the tool. So that nobody waits for ever for room that
 * others keep taken, a worker that the earliest ones have no use for retires when all places are
 * taken.
 */
final class ToolWorkers {
  private final Host host;
  private final NavigableSet<WorkerRequest> waiting =
      new TreeSet<>(Comparator.comparingLong(WorkerRequest::number));
  private final List<Worker> workers = new ArrayList<>();
  private boolean serves;
  private boolean closed;

  ToolWorkers(Host host) {
    this.host = host;
  }

  /** What the workers of all tools share. */
  interface Host {
    WorkerThreads threads();

    Starter starter();

    /** Blocks. */
    WorkerCell makeCell() throws IOException;

    /** What a worker of a tool is called. */
    String nameFor(Tool tool);

    /** What a tool may have that says nothing; null for no bound. */
    @Nullable ByteSize memory();

    /** There is one more whose end is to be awaited. */
    void added();

    /** Nothing is left of one. */
    void removed();
  }

  WorkerThreads threads() {
    return host.threads();
  }

  Starter starter() {
    return host.starter();
  }

  WorkerCell makeCell() throws IOException {
    return host.makeCell();
  }

  /** What a worker may have, in bytes; 0 for no bound. */
  long memoryMax(Tool tool) {
    ByteSize asked = tool.definition().resources().memory();
    ByteSize most = asked == null ? host.memory() : asked;
    return most == null ? 0 : most.bytes();
  }

  /** Has a request worked. */
  void submit(WorkerRequest request) {
    String refusal = closed ? "cannot start: the node is stopping" : refusal(request);
    if (refusal != null) {
      request.notStarted(new StartFailure(0, refusal));
      return;
    }
    waiting.add(request);
    for (Worker worker : List.copyOf(workers)) {
      if (!worker.isCurrent(request)) {
        worker.retire("the tool or its files have changed");
      }
    }
    // At once: nobody is in the middle of a change, and the request is not to wait for a turn.
    serveNow();
  }

  /** Has a request worked that was assigned to a worker that is gone. */
  void again(WorkerRequest request) {
    request.unassigned();
    if (closed) {
      request.notStarted();
    } else {
      waiting.add(request);
      serve();
    }
  }

  /** Nobody wants a request any more that waits. */
  void withdraw(WorkerRequest request) {
    if (waiting.remove(request)) {
      request.notStarted();
    }
  }

  /** Looks, soon, who can be served. */
  void serve() {
    if (!serves) {
      serves = true;
      // Later, so that whoever has changed something is done with it.
      threads().post(this::serveSoon);
    }
  }

  /** A worker is dead: there is room for another. */
  void left(Worker worker) {
    workers.remove(worker);
  }

  /** Nothing is left of a worker. */
  void removed() {
    host.removed();
  }

  /** Who there is. */
  Census census() {
    int starting = 0;
    int idle = 0;
    int busy = 0;
    int leaving = 0;
    for (Worker worker : workers) {
      if (worker.leaving()) {
        leaving++;
      } else if (worker.isStarting()) {
        starting++;
      } else if (worker.load() == 0) {
        idle++;
      } else {
        busy++;
      }
    }
    return new Census(starting, idle, busy, leaving, waiting.size());
  }

  /** Ends all. */
  void close() {
    closed = true;
    List<WorkerRequest> given = List.copyOf(waiting);
    waiting.clear();
    given.forEach(
        request -> request.notStarted(new StartFailure(0, "cannot start: the node is stopping")));
    List.copyOf(workers).forEach(Worker::kill);
  }

  /**
   * The parameters' rules let nothing of the kind through; this holds for what the catalog itself
   * says, and whatever else may come.
   */
  private static @Nullable String refusal(WorkerRequest request) {
    List<String> arguments = request.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).chars().anyMatch(Character::isISOControl)) {
        return "argument %d holds a control character, which no request to a worker may"
            .formatted(i + 1);
      }
    }
    try {
      var _ = request.executable();
      return null;
    } catch (ServiceException gone) {
      return String.valueOf(gone.getMessage());
    }
  }

  private void serveSoon() {
    serves = false;
    serveNow();
  }

  private void serveNow() {
    if (waiting.isEmpty()) {
      return;
    }
    int leaving = (int) workers.stream().filter(Worker::leaving).count();
    Iterator<WorkerRequest> all = waiting.iterator();
    while (all.hasNext()) {
      WorkerRequest request = all.next();
      Worker worker = free(request).orElseGet(() -> make(request));
      if (worker != null) {
        all.remove();
        worker.assign(request);
      } else if (leaving > 0) {
        leaving--;
      } else {
        obstacle(request).ifPresent(other -> other.retire("others need its place"));
      }
    }
  }

  private Optional<Worker> free(WorkerRequest request) {
    return workers.stream()
        .filter(worker -> worker.fits(request) && worker.hasRoom())
        .min(Comparator.comparingInt(Worker::load));
  }

  private @Nullable Worker make(WorkerRequest request) {
    ToolDefinition.Worker rules = Objects.requireNonNull(request.definition().worker());
    if (closed || workers.size() >= rules.max()) {
      return null;
    }
    Worker made = new Worker(this, request, host.nameFor(request.tool()));
    workers.add(made);
    host.added();
    made.begin();
    return made;
  }

  /**
   * A worker that has to go for a request: an idle one, or one of those that have all the places.
   */
  private Optional<Worker> obstacle(WorkerRequest request) {
    boolean waitsForItsOwn = workers.stream().anyMatch(worker -> worker.fits(request));
    return workers.stream()
        .filter(worker -> !worker.leaving() && !worker.fits(request))
        .filter(worker -> worker.load() == 0 || !waitsForItsOwn)
        .min(Comparator.comparingInt(Worker::load));
  }
}
