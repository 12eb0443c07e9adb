package dev.stoker.check;

import dev.stoker.check.Finding.Severity;

/** What an analyser says of a line of a script. Immutable. */
record Remark(int line, Severity severity, String code, String message, String advice) {
  Finding at(String file, String path) {
    return new Finding(file, path, line, severity, code, message, advice);
  }
}
