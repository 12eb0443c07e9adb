package dev.stoker.cgroup;

import dev.stoker.cgroup.CgroupSettings.Choice;
import dev.stoker.cgroup.Hierarchy.Ability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The control groups that this process can make, found by making one, limiting it and removing it.
 * Thread-safe.
 *
 * <p>Whoever opened it closes it, when no process and no thread is in any group any more: what is
 * left then is killed. It leaves no directory behind; what it could not remove because it was
 * killed itself is removed when the same owner opens it again.
 */
public final class Cgroups implements AutoCloseable {
  private final @Nullable Hierarchy hierarchy;
  private final String words;

  private Cgroups(@Nullable Hierarchy hierarchy, String words) {
    this.hierarchy = hierarchy;
    this.words = words;
  }

  /** Looks what there is. Blocks for some milliseconds; does not fail: see {@link #words}. */
  public static Cgroups open(CgroupSettings settings) {
    String name = "stoker." + settings.owner();
    return switch (settings.choice()) {
      case Choice.Off() -> new Cgroups(null, "none: isolation.cgroup is off");
      case Choice.At(var directory) -> {
        try {
          yield found(SecondVersion.open(directory, name));
        } catch (IOException e) {
          yield new Cgroups(null, "none: isolation.cgroup: " + e.getMessage());
        }
      }
      case Choice.Auto() -> look(name);
    };
  }

  /** Whether memory of a group can be limited. */
  public boolean limitsMemory() {
    return can(Ability.MEMORY);
  }

  /** Whether processes and threads of a group can be limited. */
  public boolean limitsTasks() {
    return can(Ability.TASKS);
  }

  /** Whether the processor time of a group can be limited. */
  public boolean limitsCpu() {
    return can(Ability.CPU);
  }

  /** For the operator: which version, which controllers, where; or none, and why. */
  public String words() {
    return words;
  }

  /**
   * A group for one run. Takes a few writes into the kernel's files, or none where the cell's last
   * run had the same limits.
   *
   * @param cell no two runs have the same at one time; it may be part of a directory's name
   * @return empty where no groups can be made
   * @throws IOException when the kernel refuses, such as a limit below what is in use
   */
  public Optional<Group> group(String cell, GroupLimits limits) throws IOException {
    return hierarchy == null ? Optional.empty() : Optional.of(hierarchy.group(cell, limits));
  }

  /**
   * The files into which a thread writes {@code 0} to enter a cell's group alone, so that what it
   * starts is born in it. They are there from the cell's first {@link #group} on. Empty where the
   * kernel does not let threads of a process be in different groups.
   */
  public List<Path> threadEntrances(String cell) {
    return hierarchy == null ? List.of() : hierarchy.threadEntrances(cell);
  }

  /** Removes every group. Blocks. Idempotent. */
  @Override
  public void close() {
    if (hierarchy != null) {
      hierarchy.close();
    }
  }

  private boolean can(Ability ability) {
    return hierarchy != null && hierarchy.abilities().contains(ability);
  }

  private static Cgroups look(String name) {
    List<String> found = new ArrayList<>();
    try {
      Mounts mounts = Mounts.own();
      if (mounts.unified().isPresent()) {
        try {
          return found(SecondVersion.open(mounts.unified().get(), name));
        } catch (IOException e) {
          found.add("version 2: " + e.getMessage());
        }
      } else {
        found.add("version 2 is not mounted");
      }
      FirstVersion first = FirstVersion.open(mounts, name, found);
      if (!first.abilities().isEmpty()) {
        return found(first);
      }
      first.close();
    } catch (IOException e) {
      found.add(e.toString());
    }
    return new Cgroups(null, "none: " + String.join("; ", found));
  }

  private static Cgroups found(Hierarchy hierarchy) {
    return new Cgroups(hierarchy, hierarchy.describe());
  }
}
