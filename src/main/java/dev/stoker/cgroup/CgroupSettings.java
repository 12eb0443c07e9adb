package dev.stoker.cgroup;

import java.nio.file.Path;

/**
 * Where groups may be made.
 *
 * @param owner who makes them: part of their names, so that a later life of the same owner finds
 *     and removes what it left. No two that live may have the same
 */
public record CgroupSettings(Choice choice, String owner) {
  /** What is looked for. */
  public sealed interface Choice {
    /** Version 2 below this process's own group, else version 1, else none. */
    record Auto() implements Choice {}

    /** No groups at all. */
    record Off() implements Choice {}

    /** Version 2 below this directory, and nothing else. */
    record At(Path directory) implements Choice {}
  }

  public CgroupSettings {
    if (!owner.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException("'" + owner + "' cannot be part of a directory's name");
    }
  }
}
