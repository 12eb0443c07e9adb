package dev.stoker.worker;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.Signals;
import dev.stoker.worker.WorkerRequest.Phase;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The requests that one worker has. Confined to the workers' thread. */
final class WorkerRequests {
  private static final Exit KILLED = Signals.byNumber(9);

  private final int multiplex;
  private final Consumer<WorkerRequest> again;
  private final Map<Integer, WorkerRequest> all = new LinkedHashMap<>();

  /** Those that are over, though the worker may still be at them. */
  private final Set<Integer> givenUp = new HashSet<>();

  private int lastId;

  /**
   * None yet.
   *
   * @param again gets those that are to go to another worker
   */
  WorkerRequests(int multiplex, Consumer<WorkerRequest> again) {
    this.multiplex = multiplex;
    this.again = again;
  }

  /** Takes one more; returns how many it were in the end. */
  int add(WorkerRequest request, Worker worker) {
    request.assigned(worker, ++lastId);
    all.put(lastId, request);
    return lastId;
  }

  /** How many there ever were. */
  int taken() {
    return lastId;
  }

  void remove(WorkerRequest request) {
    all.remove(request.id());
  }

  /** As they are now, in the order in which they came. */
  List<WorkerRequest> list() {
    return List.copyOf(all.values());
  }

  /** Those that the worker was sent and has not answered. */
  List<WorkerRequest> sent() {
    return all.values().stream().filter(request -> request.phase() == Phase.SENT).toList();
  }

  /** One that is answered, and only to be cleaned up, takes no room. */
  boolean hasRoom() {
    int unanswered = 0;
    for (WorkerRequest request : all.values()) {
      unanswered += request.isUnanswered() ? 1 : 0;
    }
    return unanswered < multiplex;
  }

  /** What the worker is at, files of finished requests included. */
  int load() {
    return all.size() - givenUp.size();
  }

  /** What a request is called in the protocol. */
  int wireId(WorkerRequest request) {
    return multiplex == 1 ? WorkProtocol.SINGLE : request.id();
  }

  /** The one that the worker means, if it has it. */
  @Nullable WorkerRequest find(int wireId) {
    for (WorkerRequest request : all.values()) {
      if (wireId(request) == wireId && (request.phase() == Phase.SENT || isGivenUp(request))) {
        return request;
      }
    }
    return null;
  }

  boolean isAlone(WorkerRequest request) {
    return all.values().stream().noneMatch(other -> other != request && other.isUnanswered());
  }

  /** Whether all but one, and but those that are to end anyway, may be sent to another worker. */
  boolean othersMayGo(WorkerRequest request) {
    return sent().stream()
        .filter(other -> other != request && !other.stopped())
        .allMatch(WorkerRequest::mayBeSentAgain);
  }

  /** Ends one for its listener, though the worker may go on with it. */
  void giveUp(WorkerRequest request) {
    givenUp.add(request.id());
    request.over(new ProcessEnd(KILLED, null, 0, false, false));
  }

  boolean isGivenUp(WorkerRequest request) {
    return givenUp.contains(request.id());
  }

  boolean hasGivenUp() {
    return !givenUp.isEmpty();
  }

  /** The worker has answered one that was given up; returns false if it was not given up. */
  boolean forgetGivenUp(WorkerRequest request) {
    return givenUp.remove(request.id());
  }

  /**
   * The worker is dead: ends those that it was sent. Those that it was not are left.
   *
   * @param maySendAgain whether those that may run twice go to another worker instead
   */
  void ended(Exit exit, Outcome why, boolean maySendAgain) {
    for (WorkerRequest request : list()) {
      switch (request.phase()) {
        case SENT -> {
          remove(request);
          if (request.stopped()) {
            request.over(new ProcessEnd(exit, null, 0, false, false));
          } else if (maySendAgain && request.mayBeSentAgain()) {
            again.accept(request);
          } else {
            request.over(new ProcessEnd(exit, null, 0, false, false, why));
          }
        }
        case OVER -> remove(request);
        case WAITING, PREPARING, ANSWERED -> {}
      }
    }
  }

  /**
   * No worker has begun one that this worker will not get.
   *
   * @param startFailure why no other would do better; null if one may
   */
  void giveBack(WorkerRequest request, @Nullable StartFailure startFailure) {
    remove(request);
    if (request.stopped()) {
      request.notStarted();
    } else if (startFailure != null) {
      request.notStarted(startFailure);
    } else if (request.mayBeAssignedAgain()) {
      again.accept(request);
    } else {
      request.notStarted(new StartFailure(0, "its workers end before they are sent anything"));
    }
  }
}
