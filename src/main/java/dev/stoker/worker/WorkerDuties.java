package dev.stoker.worker;

import dev.stoker.process.StartFailure;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.worker.WorkerRequest.Insistence;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one worker does for its requests: gets each its directory, sends it, takes its answer,
 * cleans up after it, and breaks it off. Confined to the workers' thread.
 */
final class WorkerDuties {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerDuties.class);

  private final Worker worker;
  private final ToolWorkers pool;
  private final ToolDefinition.Worker rules;
  private final Outbox outbox;
  private final WorkerFiles files;
  private final MemoryWatch memory;
  private final WorkerRequests requests;
  private boolean sendsOthersAgain;

  WorkerDuties(
      Worker worker,
      ToolWorkers pool,
      ToolDefinition.Worker rules,
      Outbox outbox,
      WorkerFiles files,
      long memoryMax) {
    this.worker = worker;
    this.pool = pool;
    this.rules = rules;
    this.outbox = outbox;
    this.files = files;
    this.memory = new MemoryWatch(pool.threads(), worker, memoryMax);
    this.requests = new WorkerRequests(rules.multiplex(), pool::again);
  }

  boolean hasRoom() {
    return requests.hasRoom();
  }

  int load() {
    return requests.load();
  }

  /** Whether the worker may be at something that is over. */
  boolean hasGivenUp() {
    return requests.hasGivenUp();
  }

  /** Takes a request; returns how many it were in the end. */
  int take(WorkerRequest request) {
    int count = requests.add(request, worker);
    if (files.areThere()) {
      prepare(request);
    }
    return count;
  }

  /** How many it has ever been given. */
  int taken() {
    return requests.taken();
  }

  /** The worker lives. */
  void begin() {
    requests.list().forEach(this::prepare);
  }

  /** The worker's process runs. */
  void started() {
    requests.sent().forEach(request -> request.begun(worker.pid()));
  }

  /** Sends what there was no room for. */
  void sendUnsent() {
    for (Outbox.Unsent one : outbox.takeAll()) {
      prepared(one.request(), one.inputs());
    }
  }

  void replied(WorkReply reply) {
    switch (reply) {
      case WorkReply.Answer answer -> {
        WorkerRequest request = requests.find(answer.request());
        if (request == null) {
          worker.condemn(
              "broke the protocol: it answered request "
                  + answer.request()
                  + ", which it does not have",
              "");
        } else {
          answered(request, answer);
        }
      }
      case WorkReply.Cancelled(int id) -> {
        WorkerRequest request = requests.find(id);
        if (request == null || !request.stopped()) {
          worker.condemn(
              "broke the protocol: it broke off request " + id + ", which nobody had asked for",
              "");
        } else {
          answered(request, new WorkReply.Answer(id, 0, ""));
        }
      }
      case WorkReply.Broken(String why, String said) -> worker.condemn(why, said);
    }
  }

  /** Breaks a request off that was sent and is not answered. */
  void stop(WorkerRequest request, Insistence how) {
    if (!worker.isLiving() || requests.isGivenUp(request)) {
      if (how == Insistence.FORCE) {
        worker.kill();
      }
      return;
    }
    if (how == Insistence.FORCE) {
      giveUp(request);
    } else if (rules.cancel()) {
      outbox.cancel(requests.wireId(request));
      request.waitFor(
          pool.threads().after(request.definition().grace(), () -> giveUpUnlessAnswered(request)));
    } else if (requests.isAlone(request)) {
      worker.stop();
    } else {
      giveUp(request);
    }
  }

  /** The same of one that may not be sent yet. */
  void stopUnsent(WorkerRequest request) {
    if (outbox.withdraw(request)) {
      request.notStarted();
      clear(request);
    }
  }

  /** The worker is dead. */
  void ended(Exit exit, Outcome why) {
    requests.ended(exit, why, sendsOthersAgain);
    sendUnsent();
  }

  /** There was no process: what it was sent has not been read. */
  void neverBegan() {
    requests.sent().forEach(this::giveBack);
    sendUnsent();
  }

  private void prepare(WorkerRequest request) {
    files.bringIn(request, inputs -> prepared(request, inputs));
  }

  private void prepared(WorkerRequest request, @Nullable List<String> inputs) {
    if (!worker.isLiving()) {
      giveBack(request);
    } else if (inputs == null) {
      requests.remove(request);
      request.notStarted(new StartFailure(0, "its files cannot be brought to its worker"));
      worker.retire("its directory cannot be used");
    } else {
      send(request, inputs);
    }
  }

  private void send(WorkerRequest request, List<String> inputs) {
    if (request.stopped()) {
      request.notStarted();
      clear(request);
    } else if (outbox.send(request, requests.wireId(request), inputs)) {
      request.sent();
      if (worker.pid() > 0) {
        request.begun(worker.pid());
      }
    }
  }

  private void giveBack(WorkerRequest request) {
    requests.giveBack(request, worker.startFailure());
  }

  private void answered(WorkerRequest request, WorkReply.Answer answer) {
    if (requests.forgetGivenUp(request)) {
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
    if (!worker.isLiving()) {
      requests.remove(request);
      return;
    }
    files.clear(
        request,
        cleared -> {
          requests.remove(request);
          if (cleared) {
            memory.requestOver();
            worker.goOn();
          } else {
            worker.retire("what a request has left cannot be removed");
          }
        });
  }

  private void giveUpUnlessAnswered(WorkerRequest request) {
    if (request.phase() == WorkerRequest.Phase.SENT && worker.isLiving()) {
      giveUp(request);
    }
  }

  /**
   * A request goes on that must not. Alone, it dies with its worker. With others, which did nothing
   * wrong: where they may run twice they are sent to another worker; where not, they end in this
   * one, which then dies.
   */
  private void giveUp(WorkerRequest request) {
    if (requests.isAlone(request) || requests.othersMayGo(request)) {
      sendsOthersAgain = true;
      worker.kill();
      return;
    }
    LOG.warn(
        "worker {}: a request does not end; it is ended when its other requests are over",
        worker.name());
    worker.takeNoMore();
    requests.giveUp(request);
    pool.serve();
  }
}
