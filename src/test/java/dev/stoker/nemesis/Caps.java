package dev.stoker.nemesis;

import dev.stoker.nemesis.Report.Violation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * How many processes of a capped tool ran at once.
 *
 * <p>A process of a node that was killed, paused or cut off while it ran may go on beside the one
 * that the others start in its place: it is left out of the strict count. The loose count has all.
 * Stateless but for its evidence.
 */
record Caps(Evidence evidence) {
  private record Edge(long millis, int change) {}

  void check(List<Violation> violations, Map<String, Long> counts) {
    for (LoadTool tool : LoadTool.values()) {
      if (tool.cap() == 0) {
        continue;
      }
      List<Execution> all =
          evidence.executions().stream().filter(execution -> execution.tool() == tool).toList();
      List<Execution> known = all.stream().filter(execution -> !disturbed(execution)).toList();
      int strict = atOnce(known);
      int loose = atOnce(all);
      counts.put("at once " + tool.label(), (long) strict);
      counts.put("at once " + tool.label() + " with the disturbed", (long) loose);
      if (strict > tool.cap()) {
        violations.add(
            new Violation(
                Rule.CAP_HELD, tool.label() + ": " + strict + " at once, not " + tool.cap()));
      }
      int most = tool.cap() * Math.max(1, evidence.nodes().size());
      if (loose > most) {
        violations.add(
            new Violation(
                Rule.CAP_HELD_BY_EACH, tool.label() + ": " + loose + " at once, not even " + most));
      }
    }
  }

  private boolean disturbed(Execution execution) {
    Long end = execution.endMillis();
    long last = end == null ? execution.beginMillis() : end;
    return evidence.disturbances().stream()
        .anyMatch(one -> one.touches(execution.node(), execution.beginMillis(), last));
  }

  /** One that was killed counts for no time: when it died is not known. */
  private static int atOnce(List<Execution> executions) {
    List<Edge> edges = new ArrayList<>();
    for (Execution execution : executions) {
      Long end = execution.endMillis();
      if (end != null) {
        edges.add(new Edge(execution.beginMillis(), 1));
        edges.add(new Edge(end, -1));
      }
    }
    // At the same millisecond the end counts first.
    edges.sort(Comparator.comparingLong(Edge::millis).thenComparingInt(Edge::change));
    int now = 0;
    int most = 0;
    for (Edge edge : edges) {
      now += edge.change();
      most = Math.max(most, now);
    }
    return most;
  }
}
