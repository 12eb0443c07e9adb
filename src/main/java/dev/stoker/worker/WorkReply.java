package dev.stoker.worker;

/** What a line means that a worker has written. Immutable. */
sealed interface WorkReply {
  /** A request has been worked. */
  record Answer(int request, int exitCode, String output) implements WorkReply {}

  /** A request was broken off because it was asked for. */
  record Cancelled(int request) implements WorkReply {}

  /**
   * It is no reply.
   *
   * @param why completes "its worker …"
   * @param said some of it; empty for none
   */
  record Broken(String why, String said) implements WorkReply {}
}
