package dev.stoker.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The writes of durable runs, and those of others: what keeps the first from being written need not
 * hold up the second. Not thread-safe: {@link LiveRuns} has the lock.
 */
final class WriteQueues {
  private final WriteQueue durable;
  private final WriteQueue passing;

  /**
   * @param delay how long a write that nobody waits for may stay in memory
   */
  WriteQueues(Duration delay) {
    this.durable = new WriteQueue(delay);
    this.passing = new WriteQueue(delay);
  }

  /** Which writes cannot be made. */
  enum Scope {
    ALL,
    DURABLE
  }

  /** The one that a run's writes wait in. */
  WriteQueue of(LiveRun run) {
    return run.durable ? durable : passing;
  }

  int size() {
    return durable.size() + passing.size();
  }

  /** Whether no write is left that could be made. */
  boolean isDone(boolean writable, boolean durableWritable) {
    return !writable || (passing.isEmpty() && (durable.isEmpty() || !durableWritable));
  }

  /** How long until writes are due; zero or less when they are. */
  long waitNanos(long now) {
    return Math.min(durable.waitNanos(now), passing.waitNanos(now));
  }

  /** Those that are due, {@link WriteQueue#BATCH_MAX} of each kind at most. */
  List<WriteQueue.Write> due(long now) {
    return both(passing.due(now), durable.due(now));
  }

  /** Any that there are, due or not. */
  List<WriteQueue.Write> all() {
    return both(passing.all(), durable.all());
  }

  private static List<WriteQueue.Write> both(
      List<WriteQueue.Write> some, List<WriteQueue.Write> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /** Nothing is due before this time; gives those that somebody waits for. */
  List<LiveRun> hold(Scope scope, long untilNanos) {
    List<LiveRun> waited = new ArrayList<>(durable.waited());
    durable.holdUntil(untilNanos);
    if (scope == Scope.ALL) {
      waited.addAll(passing.waited());
      passing.holdUntil(untilNanos);
    }
    return waited;
  }
}
