package dev.stoker.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** A place where groups can be made. Thread-safe. */
interface Hierarchy {
  /** What it can hold a group to. */
  enum Ability {
    MEMORY,
    TASKS,
    CPU
  }

  Set<Ability> abilities();

  /** For the operator: which version, where. */
  String describe();

  Group group(String cell, GroupLimits limits) throws IOException;

  List<Path> threadEntrances(String cell);

  /** Removes every group. */
  void close();
}
