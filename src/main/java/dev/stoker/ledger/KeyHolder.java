package dev.stoker.ledger;

import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import io.vertx.core.Promise;

/** Whose an idempotency key is, as far as memory knows. */
sealed interface KeyHolder {
  /** A live run's. */
  record Held(RunId run, Digest fingerprint) implements KeyHolder {}

  /** Somebody is looking into the table; ask again when that has ended. */
  record Sought(Promise<Void> ended) implements KeyHolder {}

  /** Nobody's here: the caller looks into the table, and then calls {@link LiveRuns#sought}. */
  record Seek(Promise<Void> ended) implements KeyHolder {}
}
