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
  private final int waitingMax;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition due = lock.newCondition();
  private final Map<RunId, LiveRun> runs = new HashMap<>();
  private final Map<KeyName, LiveRun> keys = new HashMap<>();
  private final Map<KeyName, Promise<Void>> lookups = new HashMap<>();
  private final WriteQueue dirty;
  private boolean nudged;
  private boolean closing;

  /**
   * @param waitingMax writes that may wait; more runs are refused
   * @param delay how long a write that nobody waits for may stay in memory
   */
  LiveRuns(int waitingMax, Duration delay) {
    this.waitingMax = waitingMax;
    this.dirty = new WriteQueue(delay);
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

  /** Puts back a run of an earlier life, as it is on the disk. */
  void restore(Command command, RunRecord record) {
    lock.lock();
    try {
      LiveRun run = new LiveRun(command, record);
      run.writtenVersion = run.version;
      put(run);
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
      if (dirty.size() >= waitingMax) {
        return Taken.FULL;
      }
      LiveRun run = new LiveRun(command, record);
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
      if (run == null || run.record.state().isTerminal()) {
        return Taken.DONE;
      }
      if (closing) {
        return Taken.CLOSED;
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

  private void put(LiveRun run) {
    runs.put(run.id, run);
    KeyName key = KeyName.of(run.command);
    if (key != null) {
      keys.put(key, run);
    }
  }

  private Taken changed(LiveRun run, LiveRun.@Nullable Answer answer) {
    dirty.add(run, System.nanoTime());
    if (answer != null) {
      awaitVersion(run, answer);
      return Taken.WAITS;
    }
    if (dirty.size() == 1) {
      due.signal();
    }
    return Taken.DONE;
  }

  private void awaitVersion(LiveRun run, LiveRun.Answer answer) {
    dirty.await(run, answer);
    due.signal();
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
   * Waits until writes are due and gives them out; they stay here until {@link #written}. Gives out
   * nothing after a {@link #nudge} or when it is closed and all is written.
   */
  List<WriteQueue.Write> takeDue() throws InterruptedException {
    lock.lock();
    try {
      long wait = dirty.waitNanos(System.nanoTime());
      while (wait > 0 && !nudged && !closing) {
        due.awaitNanos(wait);
        wait = dirty.waitNanos(System.nanoTime());
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
  boolean isOver(boolean writable) {
    lock.lock();
    try {
      return closing && (dirty.isEmpty() || !writable);
    } finally {
      lock.unlock();
    }
  }

  /** Notes that writes are on the disk; the caller tells the answers. */
  List<LiveRun.Answer> written(List<WriteQueue.Write> writes) {
    lock.lock();
    try {
      List<LiveRun.Answer> answers = new ArrayList<>();
      long now = System.nanoTime();
      for (WriteQueue.Write write : writes) {
        answers.addAll(dirty.written(write, now));
        if (!write.run().isDirty() && write.record().state().isTerminal()) {
          forget(write.run());
        }
      }
      return answers;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Notes that writes are not on the disk. A run that its caller will not hear was accepted is no
   * run; the others stay and are tried again, not before {@code pause} is over.
   */
  List<LiveRun.Answer> failed(List<WriteQueue.Write> writes, Duration pause) {
    lock.lock();
    try {
      dirty.holdUntil(System.nanoTime() + pause.toNanos());
      List<LiveRun.Answer> answers = new ArrayList<>();
      for (WriteQueue.Write write : writes) {
        LiveRun run = write.run();
        if (run.isDurable() && run.writtenVersion == 0) {
          answers.addAll(dirty.remove(run));
          forget(run);
        } else {
          answers.addAll(dirty.failed(write));
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
