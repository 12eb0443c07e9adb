package dev.stoker.output;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/**
 * Readers that wait for more. Guarded by the lock of the spool that owns it: {@link #take} what
 * waits under the lock, {@link #wake} it outside.
 */
final class Waiters {
  private final Vertx vertx;
  private List<Waiter> waiting = new ArrayList<>(0);

  Waiters(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Must be called on the reader's context. */
  Future<Void> add() {
    Waiter waiter = new Waiter(vertx.getOrCreateContext(), Promise.promise());
    waiting.add(waiter);
    return waiter.promise.future();
  }

  List<Waiter> take() {
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<Waiter> taken = waiting;
    waiting = new ArrayList<>(0);
    return taken;
  }

  static void wake(List<Waiter> waiters) {
    for (Waiter waiter : waiters) {
      waiter.context.runOnContext(done -> waiter.promise.complete());
    }
  }

  record Waiter(Context context, Promise<Void> promise) {}
}
