package dev.stoker.cluster;

import java.util.Map;

/**
 * How Hazelcast does, as this member sees it. Immutable.
 *
 * @param safe whether no partition lacks a backup, on any member
 * @param partitionsOwned that this member answers for
 * @param maps of Stoker's, by name, with what this member holds of each
 */
public record Health(boolean safe, int partitionsOwned, Map<String, Share> maps) {
  public Health {
    maps = Map.copyOf(maps);
  }

  /**
   * A member's share of a map.
   *
   * @param bytes of heap, entries and backups together
   */
  public record Share(long entries, long backups, long bytes) {}
}
