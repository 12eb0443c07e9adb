package dev.stoker.worker;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * What a worker is sent: its input, and the requests for which that has no room. Confined to the
 * workers' thread. Bounded by the requests that a worker may have at once.
 */
final class Outbox {
  private final WorkerProcess process;
  private final Queue<Unsent> unsent = new ArrayDeque<>();

  Outbox(WorkerProcess process) {
    this.process = process;
  }

  /** A request that waits for room, and its files. */
  record Unsent(WorkerRequest request, List<String> inputs) {}

  /** Sends a request, or has it wait, in which case it returns false. */
  boolean send(WorkerRequest request, int wireId, List<String> inputs) {
    byte[] line = WorkProtocol.request(wireId, request.arguments(), inputs, request.directory());
    boolean sent = unsent.isEmpty() && process.tell(line);
    if (!sent) {
      unsent.add(new Unsent(request, inputs));
    }
    return sent;
  }

  /** Asks for a request to be broken off. */
  void cancel(int wireId) {
    // Should it not fit, the worker has too much to read to answer in time.
    var _ = process.tell(WorkProtocol.cancel(wireId));
  }

  /** Takes a request out that waits; false if it does not. */
  boolean withdraw(WorkerRequest request) {
    return unsent.removeIf(one -> one.request() == request);
  }

  /** Takes out all that wait, in their order. */
  List<Unsent> takeAll() {
    List<Unsent> all = List.copyOf(unsent);
    unsent.clear();
    return all;
  }
}
