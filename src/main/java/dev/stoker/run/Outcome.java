package dev.stoker.run;

/** How a run ended. Every run has exactly one. Immutable. */
public sealed interface Outcome {
  /** Exit code 0 and every required output is there. */
  record Succeeded() implements Outcome {}

  /** The tool ended badly by its own doing; {@code reason} says how. */
  record Failed(String reason) implements Outcome {}

  /** Its deadline passed, in the queue or running. */
  record TimedOut(String reason) implements Outcome {}

  /** Somebody asked for its end, or the last one who waited for it left. */
  record Cancelled(String reason) implements Outcome {}

  /** It wrote more than its tool may and the tool says {@code onExceed: kill}. */
  record OutputLimit(String reason) implements Outcome {}

  record OutOfMemory(String reason) implements Outcome {}

  /** It was never the tool's turn: the place to run it could not be made. */
  record SandboxFailed(String reason) implements Outcome {}

  /** The node that ran it is gone and nobody can tell how it ended. */
  record Lost(String reason) implements Outcome {}

  /** The terminal state that says the same. */
  default RunState state() {
    return switch (this) {
      case Succeeded() -> RunState.SUCCEEDED;
      case Failed _ -> RunState.FAILED;
      case TimedOut _ -> RunState.TIMED_OUT;
      case Cancelled _ -> RunState.CANCELLED;
      case OutputLimit _ -> RunState.OUTPUT_LIMIT;
      case OutOfMemory _ -> RunState.OUT_OF_MEMORY;
      case SandboxFailed _ -> RunState.SANDBOX_FAILED;
      case Lost _ -> RunState.LOST;
    };
  }

  /** A sentence for the caller; empty for a success. */
  default String reason() {
    return switch (this) {
      case Succeeded() -> "";
      case Failed f -> f.reason;
      case TimedOut t -> t.reason;
      case Cancelled c -> c.reason;
      case OutputLimit o -> o.reason;
      case OutOfMemory o -> o.reason;
      case SandboxFailed s -> s.reason;
      case Lost l -> l.reason;
    };
  }
}
