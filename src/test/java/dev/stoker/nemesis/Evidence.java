package dev.stoker.nemesis;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known when a test's cluster is at rest again. Immutable.
 *
 * @param events of all clients, in no order
 * @param executions of all processes of tools
 * @param told what each node, and the database where there is one, says of every accepted run at
 *     the end
 * @param nodes at rest
 * @param left processes of runs that still live, each as text
 */
record Evidence(
    List<Event> events,
    List<Execution> executions,
    List<Told> told,
    List<AtRest> nodes,
    List<String> left,
    List<Disturbance> disturbances) {
  Evidence {
    events = List.copyOf(events);
    executions = List.copyOf(executions);
    told = List.copyOf(told);
    nodes = List.copyOf(nodes);
    left = List.copyOf(left);
    disturbances = List.copyOf(disturbances);
  }

  /**
   * What one place says of a run.
   *
   * @param state null when the place knows nothing of it
   */
  record Told(String place, String run, @Nullable State state) {}

  /** A node's own numbers. */
  record AtRest(String node, int slots, int slotsUsed, int queued) {}
}
