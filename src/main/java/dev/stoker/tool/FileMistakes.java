package dev.stoker.tool;

import dev.stoker.schema.Mistakes;
import java.util.ArrayList;
import java.util.List;

/** What is found wrong in one catalog file. Confined to one reading. */
final class FileMistakes implements Mistakes {
  private final String file;
  private final List<CatalogProblem> found = new ArrayList<>();

  FileMistakes(String file) {
    this.file = file;
  }

  @Override
  public void add(String path, String message) {
    found.add(new CatalogProblem(file, path, message));
  }

  @Override
  public int count() {
    return found.size();
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  List<CatalogProblem> list() {
    return List.copyOf(found);
  }
}
