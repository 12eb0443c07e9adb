package dev.stoker.check;

/** An analyser did not do its work; the message says why, for operator and caller. */
final class AnalysisException extends Exception {
  private static final long serialVersionUID = 1L;

  AnalysisException(String message) {
    super(message);
  }
}
