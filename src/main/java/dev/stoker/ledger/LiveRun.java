package dev.stoker.ledger;

import dev.stoker.run.Command;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * A run that has not ended, or whose last write is not on the disk. Guarded by its owner's lock.
 */
final class LiveRun {
  final RunId id;
  Command command;
  RunRecord record;

  /** Counts the writes; {@code writtenVersion} is the last one on the disk, 0 for none. */
  int version = 1;

  int writtenVersion;
  long dirtySinceNanos;
  final List<Waiter> waiters = new ArrayList<>();

  LiveRun(Command command, RunRecord record) {
    this.id = command.id();
    this.command = command;
    this.record = record;
  }

  /** Somebody who goes on when a version is on the disk. */
  record Waiter(int version, Answer answer) {}

  /** Told once, on no lock. */
  interface Answer {
    void written();

    void failed();
  }

  boolean isDirty() {
    return version != writtenVersion;
  }

  boolean isDurable() {
    return command.delivery() == Command.Delivery.DETACHED;
  }

  /** Takes out those who waited for a version up to this one. */
  List<Answer> answersUpTo(int upTo) {
    List<Answer> answers = new ArrayList<>();
    waiters.removeIf(waiter -> waiter.version <= upTo && answers.add(waiter.answer));
    return answers;
  }
}
