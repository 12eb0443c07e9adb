package dev.stoker.stream;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a reader of a run's events has come: enough to go on exactly there, on any connection.
 * Immutable.
 *
 * @param sequence grows with every state a run comes to; says the attempt too
 * @param stdout bytes of the attempt's standard output that were told
 * @param stderr bytes of its standard error that were told
 */
record EventId(long sequence, long stdout, long stderr) {
  /** Nothing was told. */
  static final EventId NONE = new EventId(-1, 0, 0);

  private static final int STATES_PER_ATTEMPT = 4;

  /**
   * Reads a {@code Last-Event-ID} field.
   *
   * @throws ServiceException INVALID_REQUEST when it is none of ours
   */
  static EventId parse(@Nullable String field) {
    if (field == null || field.isEmpty()) {
      return NONE;
    }
    String[] parts = field.split("\\.", -1);
    try {
      if (parts.length == 3) {
        EventId id =
            new EventId(
                Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        if (id.sequence >= NONE.sequence && id.stdout >= 0 && id.stderr >= 0) {
          return id;
        }
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ServiceException.invalid(
        ErrorCode.INVALID_REQUEST,
        "the header Last-Event-ID is not what it may be",
        List.of(
            new Violation(
                "header Last-Event-ID",
                "is not the id of an event of a run; allowed: as in 2.0.0")));
  }

  /**
   * Where a record stands among all states its run may come to.
   *
   * <pre>
   *   attempt 0: queued 0, ended 1;   attempt n: running 4n-2, cancelling 4n-1, queued 4n, ended 4n+1
   * </pre>
   */
  static long sequence(RunRecord run) {
    long base = (long) STATES_PER_ATTEMPT * run.attempt();
    return switch (run.state()) {
      case QUEUED -> base;
      case RUNNING -> base - 2;
      case CANCELLING -> base - 1;
      case SUCCEEDED,
          FAILED,
          TIMED_OUT,
          CANCELLED,
          OUTPUT_LIMIT,
          OUT_OF_MEMORY,
          SANDBOX_FAILED,
          LOST ->
          base + 1;
    };
  }

  /** Where a reader of a run that has ended begins: as if it had seen it running. */
  static EventId before(RunRecord ended) {
    return new EventId(Math.max(0, (long) STATES_PER_ATTEMPT * ended.attempt() - 2), 0, 0);
  }

  /** The attempt that the sequence belongs to. */
  long attempt() {
    return Math.floorDiv(sequence + 2, STATES_PER_ATTEMPT);
  }

  @Override
  public String toString() {
    return sequence + "." + stdout + "." + stderr;
  }
}
