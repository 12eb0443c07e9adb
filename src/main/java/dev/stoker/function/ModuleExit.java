package dev.stoker.function;

/** The module called {@code proc_exit}. Has no stack trace: it is an ordinary end. */
final class ModuleExit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  ModuleExit(int code) {
    super("exit " + code, null, false, false);
    this.code = code;
  }

  int code() {
    return code;
  }
}
