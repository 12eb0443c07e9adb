package dev.stoker.tool;

import java.util.ArrayList;
import java.util.List;

/** What is found wrong in one catalog file. Confined to one reading. */
final class Mistakes {
  private final String file;
  private final List<CatalogProblem> found = new ArrayList<>();

  Mistakes(String file) {
    this.file = file;
  }

  void add(String path, String message) {
    found.add(new CatalogProblem(file, path, message));
  }

  int count() {
    return found.size();
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  List<CatalogProblem> list() {
    return List.copyOf(found);
  }
}
