package dev.stoker.run;

import java.util.Arrays;
import java.util.Locale;

/**
 * Why Stoker would not or could not do what was asked. The wire numbers are stable: new ones are
 * added, none is used again.
 */
public enum ErrorCode {
  /** The request does not say what it must, or says it wrongly. */
  INVALID_REQUEST(1, Retry.NEVER),
  /** A parameter, input or stdin is not what the tool allows. */
  INVALID_PARAMETERS(2, Retry.NEVER),
  TOOL_NOT_FOUND(3, Retry.NEVER),
  /**
   * The tool is in the catalog and cannot run here: its program is missing, its level not given.
   */
  TOOL_UNAVAILABLE(4, Retry.NEVER),
  RUN_NOT_FOUND(5, Retry.NEVER),
  BLOB_NOT_FOUND(6, Retry.NEVER),
  OUTPUT_NOT_FOUND(7, Retry.NEVER),
  /** The idempotency key belongs to another command. */
  IDEMPOTENCY_CONFLICT(8, Retry.NEVER),
  PAYLOAD_TOO_LARGE(9, Retry.NEVER),
  /** The content is not what its given digest says. */
  DIGEST_MISMATCH(10, Retry.NEVER),
  /** The caller's share is used up. */
  QUOTA_EXCEEDED(11, Retry.LATER),
  /** The queue is full. */
  CAPACITY_EXCEEDED(12, Retry.LATER),
  /** The ledger cannot record now what may not be lost. */
  LEDGER_UNAVAILABLE(13, Retry.LATER),
  /** This node takes no more. */
  SHUTTING_DOWN(14, Retry.LATER),
  /** A fault of ours. */
  INTERNAL(15, Retry.LATER),
  /** The disk has no room for the content. */
  STORAGE_FULL(16, Retry.LATER),
  /** Another node has taken the run over: what this one says of it is refused. */
  FENCED(17, Retry.NEVER),
  NODE_NOT_FOUND(18, Retry.NEVER),
  /** The static check found something in the script that the caller sent. */
  SCRIPT_REFUSED(19, Retry.NEVER),
  /** What must be in the audit log cannot be written there now. */
  AUDIT_UNAVAILABLE(20, Retry.LATER);

  /** Whether the same request may succeed later. */
  public enum Retry {
    NEVER,
    LATER
  }

  private final int number;
  private final Retry retry;

  ErrorCode(int number, Retry retry) {
    this.number = number;
    this.retry = retry;
  }

  /** The code of a {@link #number}; one that a newer node made up is {@link #INTERNAL}. */
  public static ErrorCode byNumber(int number) {
    return Arrays.stream(values())
        .filter(code -> code.number == number)
        .findFirst()
        .orElse(INTERNAL);
  }

  /** The number on the wire. */
  public int number() {
    return number;
  }

  /** The name in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Retry retry() {
    return retry;
  }
}
