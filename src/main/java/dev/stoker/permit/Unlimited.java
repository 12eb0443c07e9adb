package dev.stoker.permit;

import dev.stoker.run.RunId;
import io.vertx.core.Future;

/** Everyone may. Stateless. */
final class Unlimited implements Permits {
  @Override
  public Future<Boolean> take(String tool, int max, RunId run) {
    return Future.succeededFuture(true);
  }

  @Override
  public void give(String tool, RunId run) {
    // Nothing was taken.
  }
}
