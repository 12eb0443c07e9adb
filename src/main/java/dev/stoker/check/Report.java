package dev.stoker.check;

import dev.stoker.check.Finding.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is found in one catalog entry. Confined to one check. */
final class Report {
  private final String file;
  private final List<Finding> found = new ArrayList<>();

  Report(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void error(String path, String code, String message, String advice) {
    add(new Finding(file, path, 0, Severity.ERROR, code, message, advice));
  }

  void warning(String path, String code, String message, String advice) {
    add(new Finding(file, path, 0, Severity.WARNING, code, message, advice));
  }

  void note(String path, String code, String message, String advice) {
    add(new Finding(file, path, 0, Severity.NOTE, code, message, advice));
  }

  void add(Finding finding) {
    if (!found.contains(finding)) {
      found.add(finding);
    }
  }

  /** The worst first, else as they were found. */
  List<Finding> list() {
    return found.stream().sorted(Comparator.comparing(Finding::severity)).toList();
  }
}
