package dev.stoker.executor;

import dev.stoker.process.ProcessEnd;
import dev.stoker.run.Outcome;
import org.jspecify.annotations.Nullable;

/** What can happen to an attempt. Immutable. */
sealed interface AttemptEvent {
  record Prepared() implements AttemptEvent {}

  record PrepareFailed(String reason) implements AttemptEvent {}

  record ProcessStarted() implements AttemptEvent {}

  record StartFailed(String reason) implements AttemptEvent {}

  /** A deadline, a cancel or a limit; {@code why} is the outcome it gives. */
  record Stop(Outcome why) implements AttemptEvent {}

  record ProcessEnded(ProcessEnd end) implements AttemptEvent {}

  /** {@code problem} is there when what a success needs is not. */
  record Collected(@Nullable Outcome problem) implements AttemptEvent {}
}
