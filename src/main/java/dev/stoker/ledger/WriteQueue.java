package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.RunRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The runs whose newest version is not on the disk, and which of them are due. Not thread-safe:
 * {@link LiveRuns} has the lock.
 */
final class WriteQueue {
  /** Writes in one commit: more would hold up those who wait for the first of them. */
  static final int BATCH_MAX = 1000;

  private final long delayNanos;
  // In the order of dirtySinceNanos.
  private final LinkedHashSet<LiveRun> dirty = new LinkedHashSet<>();
  private int waiters;
  private long notBeforeNanos = System.nanoTime();

  /**
   * @param delay how long a write that nobody waits for may stay in memory
   */
  WriteQueue(Duration delay) {
    this.delayNanos = delay.toNanos();
  }

  /** A write on its way to the disk. */
  record Write(
      LiveRun run,
      int version,
      Command command,
      RunRecord record,
      boolean isFirst,
      boolean isLeaving) {
    static Write of(LiveRun run) {
      return new Write(
          run, run.version, run.command, run.record, run.writtenVersion == 0, run.leaving);
    }
  }

  int size() {
    return dirty.size();
  }

  boolean isEmpty() {
    return dirty.isEmpty();
  }

  void add(LiveRun run, long now) {
    if (dirty.add(run)) {
      run.dirtySinceNanos = now;
    }
  }

  /** Has the answer told when the run's newest version is on the disk. */
  void await(LiveRun run, LiveRun.Answer answer) {
    run.waiters.add(new LiveRun.Waiter(run.version, answer));
    waiters++;
  }

  /** How long until writes are due; zero or less when they are. */
  long waitNanos(long now) {
    if (dirty.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long delay = waiters > 0 ? 0 : dirty.getFirst().dirtySinceNanos + delayNanos - now;
    return Math.max(delay, notBeforeNanos - now);
  }

  /**
   * Those that somebody waits for, and those that will not change again soon: a run that has ended,
   * or that has stayed as it is for the delay. The others most likely end before they are written.
   */
  List<Write> due(long now) {
    List<Write> writes = new ArrayList<>();
    for (LiveRun run : dirty) {
      boolean settled = run.record.state().isTerminal() || now - run.dirtySinceNanos >= delayNanos;
      if (settled || !run.waiters.isEmpty()) {
        writes.add(Write.of(run));
      }
      if (writes.size() == BATCH_MAX) {
        break;
      }
    }
    return writes;
  }

  /** Any that there are, due or not. */
  List<Write> all() {
    return dirty.stream().limit(BATCH_MAX).map(Write::of).toList();
  }

  /** Notes that a write is on the disk, and gives who is to be told. */
  List<LiveRun.Answer> written(Write write, long now) {
    LiveRun run = write.run;
    run.writtenVersion = write.version;
    run.known = true;
    dirty.remove(run);
    if (run.isDirty()) {
      add(run, now);
    }
    return answers(run, write.version);
  }

  /** Those that somebody waits for. */
  List<LiveRun> waited() {
    return waiters == 0 ? List.of() : dirty.stream().filter(run -> !run.waiters.isEmpty()).toList();
  }

  /** Takes out all who wait for a run; it stays to be written. */
  List<LiveRun.Answer> giveUpWaiting(LiveRun run) {
    return answers(run, Integer.MAX_VALUE);
  }

  /** Gives up whatever is to be written of a run. */
  List<LiveRun.Answer> remove(LiveRun run) {
    dirty.remove(run);
    return answers(run, Integer.MAX_VALUE);
  }

  private List<LiveRun.Answer> answers(LiveRun run, int upTo) {
    List<LiveRun.Answer> answers = run.answersUpTo(upTo);
    waiters -= answers.size();
    return answers;
  }

  /** Nothing is due before this time. */
  void holdUntil(long nanos) {
    notBeforeNanos = nanos;
  }
}
