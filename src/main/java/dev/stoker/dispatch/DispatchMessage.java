package dev.stoker.dispatch;

import dev.stoker.run.Command;
import dev.stoker.run.RunId;
import dev.stoker.tool.Tool;
import java.time.Duration;

/**
 * What the dispatcher is asked; each but {@link Leave} is answered with a run's record. Immutable.
 */
sealed interface DispatchMessage {
  record Submit(Command command, Tool tool) implements DispatchMessage {}

  record Find(RunId run) implements DispatchMessage {}

  /** Answered when the run has ended, or with the record as it is after {@code patience}. */
  record Await(RunId run, Duration patience) implements DispatchMessage {}

  record Cancel(RunId run, String reason) implements DispatchMessage {}

  /** The caller of {@link Submit} with this id has gone away. */
  record Leave(RunId command) implements DispatchMessage {}
}
