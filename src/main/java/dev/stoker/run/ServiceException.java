package dev.stoker.run;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one failure that crosses packages. Its message is for the caller: which field, what is
 * allowed; no path of this machine, no stack.
 */
public final class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient List<Violation> violations;
  private final @Nullable Duration retryAfter;

  private ServiceException(
      ErrorCode code,
      String message,
      List<Violation> violations,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, cause, false, cause != null);
    this.code = code;
    this.violations = List.copyOf(violations);
    this.retryAfter = retryAfter;
  }

  public ServiceException(ErrorCode code, String message) {
    this(code, message, List.of(), null, null);
  }

  public ServiceException(ErrorCode code, String message, Throwable cause) {
    this(code, message, List.of(), null, cause);
  }

  /** A refusal that names each thing wrong. */
  public static ServiceException invalid(
      ErrorCode code, String message, List<Violation> violations) {
    return new ServiceException(code, message, violations, null, null);
  }

  /** A refusal that may be tried again after {@code retryAfter}. */
  public static ServiceException retryable(ErrorCode code, String message, Duration retryAfter) {
    return new ServiceException(code, message, List.of(), retryAfter, null);
  }

  /** A failure as another node told it. */
  public static ServiceException told(
      ErrorCode code, String message, List<Violation> violations, @Nullable Duration retryAfter) {
    return new ServiceException(code, message, violations, retryAfter, null);
  }

  public ErrorCode code() {
    return code;
  }

  public List<Violation> violations() {
    return violations == null ? List.of() : violations;
  }

  /** How long to wait before the next try; null where waiting is no use. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
