package dev.stoker.run;

import java.util.List;

/** Linux's signal numbers and names (signal(7)), the same on x86-64 and aarch64. */
public final class Signals {
  private static final List<String> NAMES =
      List.of(
          "SIG0",
          "SIGHUP",
          "SIGINT",
          "SIGQUIT",
          "SIGILL",
          "SIGTRAP",
          "SIGABRT",
          "SIGBUS",
          "SIGFPE",
          "SIGKILL",
          "SIGUSR1",
          "SIGSEGV",
          "SIGUSR2",
          "SIGPIPE",
          "SIGALRM",
          "SIGTERM",
          "SIGSTKFLT",
          "SIGCHLD",
          "SIGCONT",
          "SIGSTOP",
          "SIGTSTP",
          "SIGTTIN",
          "SIGTTOU",
          "SIGURG",
          "SIGXCPU",
          "SIGXFSZ",
          "SIGVTALRM",
          "SIGPROF",
          "SIGWINCH",
          "SIGIO",
          "SIGPWR",
          "SIGSYS");

  private Signals() {}

  /** The signal of this number; a real-time one is named {@code SIG<number>}. */
  public static Exit.Signal byNumber(int number) {
    return new Exit.Signal(number, number < NAMES.size() ? NAMES.get(number) : "SIG" + number);
  }

  /**
   * The signal of this name, as {@link #byNumber} gives it.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Exit.Signal byName(String name) {
    int number = NAMES.indexOf(name);
    if (number < 0 && name.matches("SIG\\d{2}")) {
      number = Integer.parseInt(name.substring("SIG".length()));
    }
    if (number < 0) {
      throw new IllegalArgumentException("'" + name + "' is not a signal");
    }
    return byNumber(number);
  }
}
