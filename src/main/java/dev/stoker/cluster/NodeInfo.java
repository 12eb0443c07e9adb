package dev.stoker.cluster;

import dev.stoker.run.NodeId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a node tells the others of itself; it changes seldom. Immutable.
 *
 * @param version of Stoker
 * @param http where its API is, host and port
 * @param slots commands that it runs at once
 * @param draining whether it takes no more
 * @param processes how it starts processes, in words
 * @param isolation the levels that it can give
 * @param layers what its isolation and its limits are made of, as it was found at the start
 * @param tools what can run there, by name
 */
public record NodeInfo(
    NodeId id,
    String version,
    String http,
    Instant startedAt,
    int slots,
    boolean draining,
    String processes,
    List<String> isolation,
    List<LayerMark> layers,
    Map<String, ToolMark> tools) {

  public NodeInfo {
    isolation = List.copyOf(isolation);
    layers = List.copyOf(layers);
    tools = Map.copyOf(tools);
  }

  /** Of a node that says nothing of its layers. */
  public NodeInfo(
      NodeId id,
      String version,
      String http,
      Instant startedAt,
      int slots,
      boolean draining,
      String processes,
      List<String> isolation,
      Map<String, ToolMark> tools) {
    this(id, version, http, startedAt, slots, draining, processes, isolation, List.of(), tools);
  }

  /**
   * One thing that isolation or a limit is made of.
   *
   * @param name such as {@code landlock}
   * @param state "works", "limited" or "missing"
   * @param words what it gives, or why it does not
   */
  public record LayerMark(String name, String state, String words) {}

  /**
   * Which version of a tool a node has, as hexadecimal SHA-256.
   *
   * @param definition of its catalog entry
   * @param executable of its program
   */
  public record ToolMark(String definition, String executable) {}
}
