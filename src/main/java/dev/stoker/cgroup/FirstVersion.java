package dev.stoker.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Version 1: a tree of groups for each controller. Groups are kept and used again, because threads
 * may live in them; a cell's next run gets the one that its last run had. Thread-safe.
 */
final class FirstVersion implements Hierarchy {
  /** What is of use, and the file that shows that it works. */
  enum Controller {
    MEMORY("memory"),
    PIDS("pids"),
    CPU("cpu"),
    CPUACCT("cpuacct");

    final String key;

    Controller(String key) {
      this.key = key;
    }
  }

  private static final GroupLimits TRIAL = new GroupLimits(64L << 20, 0.5, 16);

  private final Map<Controller, Path> roots;
  private final Map<String, FirstVersionGroup> groups = new ConcurrentHashMap<>();

  private FirstVersion(Map<Controller, Path> roots) {
    this.roots = roots;
  }

  /**
   * Tries each controller by making a group, limiting it and removing it. What an earlier life of
   * the owner left is removed.
   *
   * @param found is told what does not work, and why
   */
  static FirstVersion open(Mounts mounts, String name, List<String> found) {
    Map<Controller, Path> roots = new EnumMap<>(Controller.class);
    for (Controller controller : Controller.values()) {
      Path mount = mounts.byController().get(controller.key);
      if (mount == null) {
        found.add("no " + controller.key + " of version 1");
        continue;
      }
      Path root = mount.resolve(name);
      // Two controllers may be one tree.
      if (!roots.containsValue(root)) {
        Directories.clear(root);
      }
      try {
        attempt(controller, root);
        roots.put(controller, root);
      } catch (IOException e) {
        found.add(controller.key + " of version 1: " + e.getMessage());
        if (!roots.containsValue(root)) {
          Directories.clear(root);
        }
      }
    }
    return new FirstVersion(Collections.unmodifiableMap(roots));
  }

  @Override
  public Set<Ability> abilities() {
    Set<Ability> abilities = EnumSet.noneOf(Ability.class);
    roots.forEach(
        (controller, root) -> {
          switch (controller) {
            case MEMORY -> abilities.add(Ability.MEMORY);
            case PIDS -> abilities.add(Ability.TASKS);
            case CPU -> abilities.add(Ability.CPU);
            case CPUACCT -> {
              // It counts and limits nothing.
            }
          }
        });
    return abilities;
  }

  @Override
  public String describe() {
    return "version 1: "
        + roots.entrySet().stream()
            .map(entry -> entry.getKey().key + " in " + entry.getValue())
            .collect(Collectors.joining(", "));
  }

  @Override
  public Group group(String cell, GroupLimits limits) throws IOException {
    FirstVersionGroup group = groups.get(cell);
    if (group == null) {
      group = make(cell);
      groups.put(cell, group);
    }
    group.prepare(limits);
    return group;
  }

  @Override
  public List<Path> threadEntrances(String cell) {
    Set<Path> directories = new TreeSet<>();
    roots.values().forEach(root -> directories.add(root.resolve(cell)));
    return directories.stream().map(path -> path.resolve("tasks")).toList();
  }

  @Override
  public void close() {
    groups.clear();
    new TreeSet<>(roots.values()).forEach(Directories::clear);
  }

  private FirstVersionGroup make(String cell) throws IOException {
    Map<Controller, Path> directories = new EnumMap<>(Controller.class);
    for (Map.Entry<Controller, Path> root : roots.entrySet()) {
      directories.put(root.getKey(), Directories.make(root.getValue().resolve(cell)));
    }
    return new FirstVersionGroup(directories);
  }

  private static void attempt(Controller controller, Path root) throws IOException {
    Directories.make(root);
    Path trial = Directories.make(root.resolve("trial"));
    try {
      new FirstVersionGroup(new EnumMap<>(Map.of(controller, trial))).prepare(TRIAL);
    } finally {
      Directories.remove(trial);
    }
  }
}
