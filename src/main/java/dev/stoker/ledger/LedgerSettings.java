package dev.stoker.ledger;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the book is, and how much history it keeps.
 *
 * @param directory of the book where no store is shared
 * @param keepRuns ended runs kept at most
 * @param keepFor how long an ended run is kept
 * @param waitingMax writes that may wait for the disk; more are refused
 * @param synchronous what becomes of runs that need not be recorded while nothing can be
 * @param lease after which a node that has not signed in to the shared store is gone
 * @param shared null: the book is this node's own
 */
public record LedgerSettings(
    Path directory,
    int keepRuns,
    Duration keepFor,
    int waitingMax,
    WithoutStore synchronous,
    Duration lease,
    @Nullable SharedStore shared) {
  private static final Duration LEASE_DEFAULT = Duration.ofSeconds(3);

  /** Synchronous runs without a store: their callers wait, and can ask again. */
  public enum WithoutStore {
    GO_ON,
    REFUSE
  }

  /** A node's own book, all else as usual. */
  public LedgerSettings(Path directory, int keepRuns, Duration keepFor, int waitingMax) {
    this(directory, keepRuns, keepFor, waitingMax, WithoutStore.GO_ON, LEASE_DEFAULT, null);
  }
}
