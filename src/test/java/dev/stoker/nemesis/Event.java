package dev.stoker.nemesis;

import org.jspecify.annotations.Nullable;

/**
 * One request of a client and what came of it.
 *
 * @param key the idempotency key, for {@link Kind#ASYNC}
 * @param node the number of the node that was asked
 * @param status of HTTP; {@link #NONE} when no answer came
 * @param run its id, when the request or the answer names one
 * @param state as answered
 */
record Event(
    Kind kind,
    LoadTool tool,
    @Nullable String key,
    int node,
    long sentMillis,
    long answeredMillis,
    int status,
    @Nullable String run,
    @Nullable State state) {
  /** The connection was refused, broke, or was silent for too long. */
  static final int NONE = 0;

  enum Kind {
    SYNC,
    ASYNC,
    READ,
    CANCEL
  }

  /** Whether the run in it was accepted: nothing may lose it any more. */
  boolean accepts() {
    return kind == Kind.ASYNC && status == 202;
  }
}
