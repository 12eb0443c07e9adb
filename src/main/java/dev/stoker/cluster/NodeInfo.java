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
    Map<String, ToolMark> tools) {

  public NodeInfo {
    isolation = List.copyOf(isolation);
    tools = Map.copyOf(tools);
  }

  /**
   * Which version of a tool a node has, as hexadecimal SHA-256.
   *
   * @param definition of its catalog entry
   * @param executable of its program
   */
  public record ToolMark(String definition, String executable) {}
}
