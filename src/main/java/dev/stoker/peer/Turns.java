package dev.stoker.peer;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Supplier;

/** Lets so many at once, the others in the order in which they came. Confined to one context. */
final class Turns {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final int atOnceMax;
  private final int waitingMax;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int atOnce;
  private boolean passingOn;

  Turns(int atOnceMax, int waitingMax) {
    this.atOnceMax = atOnceMax;
    this.waitingMax = waitingMax;
  }

  /**
   * Begins {@code work} when it is its turn; the turn lasts until its future completes, which must
   * happen on this context. Fails with CAPACITY_EXCEEDED when too many wait.
   */
  <T> Future<T> take(Supplier<Future<T>> work) {
    if (atOnce < atOnceMax && waiting.isEmpty()) {
      atOnce++;
      return begin(work);
    }
    if (waiting.size() >= waitingMax) {
      return Future.failedFuture(
          ServiceException.retryable(
              ErrorCode.CAPACITY_EXCEEDED, "too much is being transferred", RETRY));
    }
    Promise<T> result = Promise.promise();
    waiting.add(() -> begin(work).onComplete(result));
    return result.future();
  }

  /** Whether nobody has a turn. */
  boolean idle() {
    return atOnce == 0;
  }

  private <T> Future<T> begin(Supplier<Future<T>> work) {
    return Future.succeededFuture().compose(turn -> work.get()).onComplete(done -> next());
  }

  /** In a loop, not by recursion: what waits may be done as soon as it begins. */
  private void next() {
    atOnce--;
    if (passingOn) {
      return;
    }
    passingOn = true;
    while (atOnce < atOnceMax && !waiting.isEmpty()) {
      atOnce++;
      waiting.remove().run();
    }
    passingOn = false;
  }
}
