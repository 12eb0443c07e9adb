package dev.stoker.ledger;

/** What became of a write. */
sealed interface Fate {
  /** It is on the disk. */
  record Written() implements Fate {}

  /** It is not; nobody knows whether it ever will be. */
  record Failed() implements Fate {}

  /** The run is another node's now, or nobody's: it stays as it is there. */
  record Fenced() implements Fate {}

  /** The run is not in the book: another node's has its idempotency key. */
  record KeyTaken(RunReader.KeyedRun by) implements Fate {}
}
