package dev.stoker.executor;

import dev.stoker.run.RunRecord;

/**
 * What an executor tells about an attempt: one {@code Started} at most, then one other. Immutable.
 */
public sealed interface AttemptNews {
  RunRecord record();

  /** The process runs. */
  record Started(RunRecord record) implements AttemptNews {}

  /** All is over and written down. */
  record Ended(RunRecord record) implements AttemptNews {}

  /** The attempt failed in a way after which the tool is tried again; nothing is written down. */
  record TryAgain(RunRecord record) implements AttemptNews {}
}
