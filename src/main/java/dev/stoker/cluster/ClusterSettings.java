package dev.stoker.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a node finds its cluster. What is empty or 0 here is as the Hazelcast file says. Immutable.
 *
 * @param file Hazelcast's own configuration, the base of all this
 * @param name of the cluster
 * @param secret that all its members have; empty: none
 * @param bind the address that members reach this one at; {@code *} stands for any part
 * @param port the first that is tried, for members
 * @param busPort for the event bus; 0: any free one
 * @param members where others may be found, {@code host} or {@code host:port}
 * @param minimumMembers fewer take no runs over, give out no permits and, without a shared store,
 *     accept nothing that must be recorded
 * @param heartbeat between two signs of life
 * @param silence after which a member is taken for dead
 */
public record ClusterSettings(
    Path file,
    String name,
    String secret,
    String bind,
    int port,
    int busPort,
    List<String> members,
    Discovery discovery,
    Kubernetes kubernetes,
    int minimumMembers,
    Duration heartbeat,
    Duration silence) {

  public ClusterSettings {
    members = List.copyOf(members);
  }

  /** How members are found. */
  public enum Discovery {
    /** At the addresses of a list. */
    LIST,
    /** As Kubernetes knows them. */
    KUBERNETES
  }

  /**
   * Where Kubernetes has the members.
   *
   * @param dns of a headless service; when it is given, the API is not asked
   * @param namespace of the service; empty: this pod's own
   * @param service whose endpoints are the members; empty: all pods of the namespace
   */
  public record Kubernetes(String dns, String namespace, String service) {}

  /** Without the secret: settings end up in logs. */
  @Override
  public String toString() {
    return "cluster " + name + " by " + file;
  }
}
