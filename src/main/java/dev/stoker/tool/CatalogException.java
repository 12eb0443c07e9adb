package dev.stoker.tool;

import java.util.List;
import java.util.stream.Collectors;

/** A catalog that may not be loaded. Its message has one line for each problem. */
public final class CatalogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<CatalogProblem> problems;

  CatalogException(List<CatalogProblem> problems) {
    super(problems.stream().map(CatalogProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** At least one; those of a file in the file's order. */
  public List<CatalogProblem> problems() {
    return problems == null ? List.of() : problems;
  }
}
