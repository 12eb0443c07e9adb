package dev.stoker.ledger;

/** The cluster's maps refuse, or do not answer in time. */
final class GridException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GridException(String message, Throwable cause) {
    super(message, cause);
  }
}
