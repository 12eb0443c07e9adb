package dev.stoker.executor;

import dev.stoker.cache.CacheKey;
import dev.stoker.run.Command;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.tool.Invocation;
import dev.stoker.tool.Tool;
import org.jspecify.annotations.Nullable;

/** What an executor is told. Immutable. */
public sealed interface ExecutorMessage {
  /**
   * Run this. The reply, at once, is an {@link Ack}; what becomes of it goes to {@code newsTo} as
   * {@link AttemptNews}.
   *
   * @param key where a success is stored; null for nowhere
   * @param record as it stands before the attempt
   * @param attempt 1 for the first
   */
  record Execute(
      Command command,
      Tool tool,
      Invocation invocation,
      @Nullable CacheKey key,
      RunRecord record,
      int attempt,
      String newsTo)
      implements ExecutorMessage {}

  /** End this run; nothing happens when it is not here. No reply. */
  record Cancel(RunId run, String reason) implements ExecutorMessage {}

  /** The answer to {@link Execute}. */
  enum Ack {
    ACCEPTED,
    /** No slot is free for the tool. */
    BUSY
  }
}
