package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the table does not know yet: every run that has not ended, and every write that is not on
 * the disk. Readers look here first and then into the table, so a run is never missing between the
 * two.
 *
 * <p>Thread-safe by one lock; nobody is answered, and nothing is read or written, while it is held.
 *
 * <p>INVARIANT: a run is {@code dirty} if and only if its newest version is not on the disk; an
 * ended run that is not dirty is forgotten.
 */
final class LiveRuns {
  private static final long FIRST_FENCE = 1;

  private final int waitingMax;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition due = lock.newCondition();
  private final Map<RunId, LiveRun> runs = new HashMap<>();
  private final Map<KeyName, LiveRun> keys = new HashMap<>();
  private final Map<KeyName, Promise<Void>> lookups = new HashMap<>();
  private final WriteQueues dirty;
  private boolean nudged;
  private boolean closing;

  /**
   * @param waitingMax writes that may wait, of durable runs and of others; more runs are refused
   * @param delay how long a write that nobody waits for may stay in memory
   */
  LiveRuns(int waitingMax, Duration delay) {
    this.waitingMax = waitingMax;
    this.dirty = new WriteQueues(delay);
  }

  /** What became of a write. */
  enum Taken {
    /** Nobody has to wait. */
    DONE,
    /** The answer is told when it is on the disk, or cannot be. */
    WAITS,
    /** As many writes wait as may. */
    FULL,
    CLOSED
  }

  /** Where a run is that is put in. */
  enum Kept {
    ON_DISK,
    /** It is to be written. */
    IN_MEMORY
  }

  /** Puts in a run that was taken over. */
  void restore(Command command, RunRecord record, long fence, Kept kept) {
    lock.lock();
    try {
      LiveRun run = new LiveRun(command, record, fence);
      run.known = true;
      put(run);
      switch (kept) {
        case ON_DISK -> run.writtenVersion = run.version;
        case IN_MEMORY -> dirty.of(run).add(run, System.nanoTime());
      }
    } finally {
      lock.unlock();
    }
  }

  Taken add(Command command, RunRecord record, LiveRun.@Nullable Answer answer) {
    lock.lock();
    try {
      if (closing) {
        return Taken.CLOSED;
      }
      LiveRun known = runs.get(command.id());
      if (known != null) {
        return join(known, answer);
      }
      LiveRun run = new LiveRun(command, record, FIRST_FENCE);
      if (dirty.of(run).size() >= waitingMax) {
        return Taken.FULL;
      }
      put(run);
      return changed(run, answer);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the run is on the disk in some version. */
  Taken join(RunId id, LiveRun.Answer answer) {
    lock.lock();
    try {
      LiveRun run = runs.get(id);
      return run == null ? Taken.DONE : join(run, answer);
    } finally {
      lock.unlock();
    }
  }

  private Taken join(LiveRun run, LiveRun.@Nullable Answer answer) {
    if (run.writtenVersion > 0 || answer == null) {
      return Taken.DONE;
    }
    awaitVersion(run, answer);
    return Taken.WAITS;
  }

  /** Changes a run that has not ended; one that is not here has, and stays as it is. */
  Taken update(Command command, RunRecord record, LiveRun.@Nullable Answer answer) {
    lock.lock();
    try {
      LiveRun run = runs.get(command.id());
      if (run == null) {
        return Taken.DONE;
      }
      boolean ended = run.record.state().isTerminal();
      if (ended && (answer == null || !run.durable || !run.isDirty())) {
        return Taken.DONE;
      }
      if (closing) {
        return Taken.CLOSED;
      }
      if (ended && answer != null) {
        // It stays as it is; who asks again hears when that is on the disk, not before.
        awaitVersion(run, answer);
        return Taken.WAITS;
      }
      run.command = command;
      run.record = record;
      run.version++;
      return changed(run, answer);
    } finally {
      lock.unlock();
    }
  }

  /** The same for a run that is not in the table: it is here, or it is new. */
  Taken addOrUpdate(Command command, RunRecord record, LiveRun.@Nullable Answer answer) {
    lock.lock();
    try {
      return runs.containsKey(command.id())
          ? update(command, record, answer)
          : add(command, record, answer);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a run up: its next write says that it is nobody's, and then it is forgotten.
   *
   * @return DONE when it is not here
   */
  Taken leave(RunId id, LiveRun.Answer answer) {
    lock.lock();
    try {
      LiveRun run = runs.get(id);
      if (run == null || run.record.state().isTerminal()) {
        return Taken.DONE;
      }
      if (closing) {
        return Taken.CLOSED;
      }
      run.leaving = true;
      run.version++;
      return changed(run, answer);
    } finally {
      lock.unlock();
    }
  }

  private void put(LiveRun run) {
    runs.put(run.id, run);
    KeyName key = KeyName.of(run.command);
    if (key != null) {
      keys.put(key, run);
    }
  }

  private Taken changed(LiveRun run, LiveRun.@Nullable Answer answer) {
    WriteQueue queue = dirty.of(run);
    queue.add(run, System.nanoTime());
    if (answer != null) {
      awaitVersion(run, answer);
      return Taken.WAITS;
    }
    if (queue.size() == 1) {
      due.signal();
    }
    return Taken.DONE;
  }

  private void awaitVersion(LiveRun run, LiveRun.Answer answer) {
    dirty.of(run).await(run, answer);
    due.signal();
  }

  boolean holds(RunId id) {
    return find(id).isPresent();
  }

  Optional<RunRecord> find(RunId id) {
    lock.lock();
    try {
      return Optional.ofNullable(runs.get(id)).map(run -> run.record);
    } finally {
      lock.unlock();
    }
  }

  /** Who holds a key; with {@link KeyHolder.Seek} the caller does until {@link #sought}. */
  KeyHolder seek(KeyName key) {
    lock.lock();
    try {
      LiveRun holder = keys.get(key);
      if (holder != null) {
        Command.IdempotencyKey held = Objects.requireNonNull(holder.command.idempotencyKey());
        return new KeyHolder.Held(holder.id, held.fingerprint());
      }
      Promise<Void> lookup = lookups.get(key);
      if (lookup != null) {
        return new KeyHolder.Sought(lookup);
      }
      Promise<Void> mine = Promise.promise();
      lookups.put(key, mine);
      return new KeyHolder.Seek(mine);
    } finally {
      lock.unlock();
    }
  }

  /** Ends a lookup; the caller then completes its promise. */
  void sought(KeyName key) {
    lock.lock();
    try {
      lookups.remove(key);
    } finally {
      lock.unlock();
    }
  }

  /** Every run there is here, as of now. */
  Map<RunId, RunRecord> snapshot() {
    lock.lock();
    try {
      Map<RunId, RunRecord> all = HashMap.newHashMap(runs.size());
      runs.forEach((id, run) -> all.put(id, run.record));
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** The blobs that the runs here refer to. */
  void addReferences(BlobReferences references) {
    lock.lock();
    try {
      runs.values()
          .forEach(run -> BlobReferences.of(run.command, run.record).forEach(references::add));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until writes are due and gives them out; they stay here until {@link #settled}. Gives out
   * nothing when none is due in time, after a {@link #nudge}, or when it is closed and all is
   * written.
   */
  List<WriteQueue.Write> takeDue(long waitNanosMax) throws InterruptedException {
    lock.lock();
    try {
      long begun = System.nanoTime();
      long wait = dirty.waitNanos(begun);
      long left = waitNanosMax;
      while (wait > 0 && left > 0 && !nudged && !closing) {
        due.awaitNanos(Math.min(wait, left));
        long now = System.nanoTime();
        wait = dirty.waitNanos(now);
        left = waitNanosMax - (now - begun);
      }
      nudged = false;
      if (closing) {
        return dirty.all();
      }
      return wait > 0 ? List.of() : dirty.due(System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is closed and nothing waits any more, or what waits cannot be written. */
  boolean isOver(boolean writable, boolean durableWritable) {
    lock.lock();
    try {
      return closing && dirty.isDone(writable, durableWritable);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes what became of writes; the caller tells the answers, and whom it concerns of the runs
   * that are no longer this node's.
   */
  Settled settled(List<WriteQueue.Write> writes, List<Fate> fates) {
    lock.lock();
    try {
      List<LiveRun.Told> answers = new ArrayList<>();
      List<RunId> taken = new ArrayList<>();
      long now = System.nanoTime();
      for (int i = 0; i < writes.size(); i++) {
        WriteQueue.Write write = writes.get(i);
        LiveRun run = write.run();
        Fate fate = fates.get(i);
        if (fate instanceof Fate.Written) {
          tell(dirty.of(run).written(write, now), fate, answers);
          if (write.isLeaving() || (!run.isDirty() && write.record().state().isTerminal())) {
            tell(dirty.of(run).remove(run), new Fate.Fenced(), answers);
            forget(run);
          }
        } else {
          tell(dirty.of(run).remove(run), fate, answers);
          forget(run);
          if (fate instanceof Fate.Fenced) {
            taken.add(run.id);
          }
        }
      }
      return new Settled(answers, taken);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is to be told after a commit.
   *
   * @param taken runs that are not this node's any more, though it did not give them up
   */
  record Settled(List<LiveRun.Told> answers, List<RunId> taken) {}

  private static void tell(List<LiveRun.Answer> answers, Fate fate, List<LiveRun.Told> told) {
    answers.forEach(answer -> told.add(new LiveRun.Told(answer, fate)));
  }

  /**
   * Notes that nothing of a scope can be written now. A run that its caller will not hear was
   * accepted is no run; the others stay and are tried again, not before {@code pause} is over.
   */
  List<LiveRun.Told> failed(WriteQueues.Scope scope, Duration pause) {
    lock.lock();
    try {
      List<LiveRun.Told> answers = new ArrayList<>();
      for (LiveRun run : dirty.hold(scope, System.nanoTime() + pause.toNanos())) {
        run.leaving = false;
        tell(dirty.of(run).giveUpWaiting(run), new Fate.Failed(), answers);
        if (run.durable && !run.known) {
          dirty.of(run).remove(run);
          forget(run);
        }
      }
      return answers;
    } finally {
      lock.unlock();
    }
  }

  private void forget(LiveRun run) {
    runs.remove(run.id);
    KeyName key = KeyName.of(run.command);
    if (key != null) {
      keys.remove(key, run);
    }
  }

  /** Has durable runs written again that are not where they were written. */
  void writeAgain(Set<String> there) {
    lock.lock();
    try {
      long now = System.nanoTime();
      for (LiveRun run : runs.values()) {
        if (run.durable && run.writtenVersion > 0 && !there.contains(run.id.toString())) {
          run.version++;
          dirty.of(run).add(run, now);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes that are not on the disk. */
  int unwritten() {
    lock.lock();
    try {
      return dirty.size();
    } finally {
      lock.unlock();
    }
  }

  /** Makes {@link #takeDue} return now. */
  void nudge() {
    lock.lock();
    try {
      nudged = true;
      due.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more writes, and makes all that wait due. */
  void close() {
    lock.lock();
    try {
      closing = true;
      due.signal();
    } finally {
      lock.unlock();
    }
  }
}
