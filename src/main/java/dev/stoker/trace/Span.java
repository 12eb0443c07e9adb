package dev.stoker.trace;

import dev.stoker.run.RunState;
import dev.stoker.run.TraceContext;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes time. Thread-safe; nothing here blocks or fails, and nothing is changed
 * after the end.
 */
public interface Span {
  /** What is done as a part of it is under this. */
  TraceContext context();

  /** Whether anybody will see it; what is told to one that nobody sees is forgotten. */
  boolean isRecorded();

  /** Names it anew, once more is known of it. */
  Span name(String better);

  /** Says something of it; null says nothing. */
  Span set(String key, @Nullable String value);

  /** Says a number of it. */
  Span set(String key, long value);

  /** Another one, of any trace, that it has to do with. */
  Span link(TraceContext other);

  /**
   * It has gone wrong.
   *
   * @param kind a word of a small vocabulary
   * @param reason for people; null where the word says it all
   */
  Span fail(String kind, @Nullable String reason);

  /**
   * It is over, as a run is, and has gone wrong where that has. Of why a tool failed, what follows
   * a colon is left out: it may be in the tool's own words.
   */
  default void ended(RunState state, @Nullable String reason) {
    ended(state, reason, System.nanoTime());
  }

  /** The same before, at {@code nanos} of {@link System#nanoTime}. */
  default void ended(RunState state, @Nullable String reason, long nanos) {
    set(SpanNames.OUTCOME, state.label());
    switch (state) {
      case FAILED -> fail(state.label(), reason == null ? null : reason.split(": ", 2)[0]);
      case TIMED_OUT, OUTPUT_LIMIT, OUT_OF_MEMORY, SANDBOX_FAILED, LOST ->
          fail(state.label(), reason);
      case SUCCEEDED, CANCELLED, QUEUED, RUNNING, CANCELLING -> {}
    }
    end(nanos);
  }

  /** It is over; the first end counts. */
  void end();

  /**
   * It was over before.
   *
   * @param nanos of {@link System#nanoTime}, when it ended
   */
  void end(long nanos);
}
