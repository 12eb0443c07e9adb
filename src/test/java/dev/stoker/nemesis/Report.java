package dev.stoker.nemesis;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What {@link Checker} found. Immutable. */
record Report(Map<String, Long> counts, List<Violation> violations) {
  private static final int SHOWN = 40;

  Report {
    counts = java.util.Collections.unmodifiableMap(new TreeMap<>(counts));
    violations = List.copyOf(violations);
  }

  /** A broken promise. */
  record Violation(Rule rule, String what) {}

  List<Rule> broken() {
    return violations.stream().map(Violation::rule).distinct().sorted().toList();
  }

  @Override
  public String toString() {
    String numbers =
        counts.entrySet().stream()
            .map(count -> count.getKey() + " " + count.getValue())
            .collect(Collectors.joining(", "));
    return numbers
        + violations.stream()
            .limit(SHOWN)
            .map(one -> "\n  " + one.rule() + ": " + one.what())
            .collect(Collectors.joining())
        + (violations.size() > SHOWN ? "\n  and " + (violations.size() - SHOWN) + " more" : "");
  }
}
