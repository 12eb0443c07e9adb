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

  /** How often the run was taken over, from 1: a write counts only while this is the table's. */
  final long fence;

  /** As {@link Command#isDurable} says: for all its life. */
  final boolean durable;

  /** Whether it is being given up; what is written then says that it is nobody's. */
  boolean leaving;

  /** Counts the writes; {@code writtenVersion} is the last one on the disk, 0 for none. */
  int version = 1;

  int writtenVersion;

  /** Whether somebody relies on it: it was accepted, or taken over. */
  boolean known;

  long dirtySinceNanos;
  final List<Waiter> waiters = new ArrayList<>();

  LiveRun(Command command, RunRecord record, long fence) {
    this.id = command.id();
    this.fence = fence;
    this.command = command;
    this.durable = command.isDurable();
    this.record = record;
  }

  /** Somebody who goes on when a version is on the disk. */
  record Waiter(int version, Answer answer) {}

  /** Told once, on no lock. */
  @FunctionalInterface
  interface Answer {
    void tell(Fate fate);
  }

  /** An answer, and what it is to be told. */
  record Told(Answer answer, Fate fate) {
    void tell() {
      answer.tell(fate);
    }
  }

  boolean isDirty() {
    return version != writtenVersion;
  }

  /** Takes out those who waited for a version up to this one. */
  List<Answer> answersUpTo(int upTo) {
    List<Answer> answers = new ArrayList<>();
    waiters.removeIf(waiter -> waiter.version <= upTo && answers.add(waiter.answer));
    return answers;
  }
}
