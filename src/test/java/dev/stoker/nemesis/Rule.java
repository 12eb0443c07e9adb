package dev.stoker.nemesis;

/** What {@link Checker} holds against a cluster. */
enum Rule {
  /** A run that was answered 202 is in a terminal state, everywhere the same one. */
  ACCEPTED_RUN_ENDS,
  /** Nobody is ever told two outcomes of one run. */
  ONE_OUTCOME,
  /** A run that was answered 202 is never denied. */
  NEVER_DENIED,
  /** One idempotency key is one run. */
  ONE_RUN_OF_A_KEY,
  /** A run is begun once, or as often as its tool's retries allow. */
  NOT_BEGUN_AGAIN,
  /** A run that succeeded was made: one of its processes ran to its end, and that is its result. */
  SUCCESS_WAS_MADE,
  /** A tool's cap for the cluster, where the cluster could know of each of the processes. */
  CAP_HELD,
  /** No more than every node's own share of disturbance explains: the cap for each node. */
  CAP_HELD_BY_EACH,
  /** Free slots are the capacity, and nothing waits. */
  NO_SLOT_LEAKED,
  /** No process of a run is left. */
  NO_PROCESS_LEFT
}
