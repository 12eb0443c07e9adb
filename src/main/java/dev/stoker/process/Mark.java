package dev.stoker.process;

/** The variable that tells to which run a process belongs. */
final class Mark {
  static final String VARIABLE = "STOKER_RUN";

  private Mark() {}
}
