package dev.stoker.run;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How far a run is. A terminal state is final.
 *
 * <pre>
 *            ┌────────────── cancelled, timed_out (unrun), lost
 *  queued ───┤
 *     ▲      └─▶ running ──▶ succeeded, failed, timed_out, output_limit,
 *     │             │  │     out_of_memory, sandbox_failed, lost
 *     └── retry ────┘  └───▶ cancelling ──▶ cancelled
 * </pre>
 */
public enum RunState {
  QUEUED(false),
  RUNNING(false),
  CANCELLING(false),
  SUCCEEDED(true),
  FAILED(true),
  TIMED_OUT(true),
  CANCELLED(true),
  OUTPUT_LIMIT(true),
  OUT_OF_MEMORY(true),
  SANDBOX_FAILED(true),
  LOST(true);

  private final boolean terminal;
  private final String label;

  RunState(boolean terminal) {
    this.terminal = terminal;
    this.label = name().toLowerCase(Locale.ROOT);
  }

  public boolean isTerminal() {
    return terminal;
  }

  /** The name on the wire, such as {@code timed_out}. */
  public String label() {
    return label;
  }

  /**
   * Reads a wire name.
   *
   * @throws IllegalArgumentException naming the allowed ones
   */
  public static RunState parse(String label) {
    for (RunState state : values()) {
      if (state.label.equals(label)) {
        return state;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + label
            + "' is not a state; allowed: "
            + Arrays.stream(values()).map(RunState::label).collect(Collectors.joining(", ")));
  }
}
