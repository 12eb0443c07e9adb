package dev.stoker.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Version 2: one tree for all controllers, and a fresh group for each run. Thread-safe.
 *
 * <pre>
 *   root                    delegated to this process, which may have been put here
 *   ├─ stoker               where it goes then: a group that has limited children has no members
 *   └─ stoker.OWNER
 *      ├─ r1                a run
 *      └─ r2
 * </pre>
 */
final class SecondVersion implements Hierarchy {
  private static final Logger LOG = LoggerFactory.getLogger(SecondVersion.class);

  private static final String LEAF = "stoker";
  private static final String CONTROL = "cgroup.subtree_control";
  private static final String MEMBERS = "cgroup.procs";
  private static final int MOVES_MAX = 20;
  private static final GroupLimits TRIAL = new GroupLimits(64L << 20, 0.5, 16);

  private final Path root;
  private final Path runs;
  private final Set<Ability> abilities;
  private final boolean moved;
  private final AtomicLong number = new AtomicLong();

  /** Those that somebody was still in when they were to be removed. */
  private final ConcurrentLinkedQueue<Path> left = new ConcurrentLinkedQueue<>();

  private SecondVersion(Path root, Path runs, Set<Ability> abilities, boolean moved) {
    this.root = root;
    this.runs = runs;
    this.abilities = abilities;
    this.moved = moved;
  }

  /**
   * Takes possession of a subtree: switches its controllers on, for which everybody who is in its
   * root moves into a leaf, removes what an earlier life of the owner left, and tries it.
   *
   * @throws IOException when it is not there, not writable, or has none of the controllers
   */
  static SecondVersion open(Path root, String name) throws IOException {
    Set<Ability> offered = offered(root);
    if (offered.isEmpty()) {
      throw new IOException(root + " has no memory, pids or cpu controller");
    }
    Directories.clear(root.resolve(name));
    boolean moved = switchOn(root, offered);
    Path runs = root.resolve(name);
    try {
      Directories.make(runs);
      ControlFile.write(runs.resolve(CONTROL), switches("+", offered));
      SecondVersion made = new SecondVersion(root, runs, offered, moved);
      Group trial = made.group("trial", TRIAL);
      trial.kill();
      trial.release();
      return made;
    } catch (IOException e) {
      Directories.clear(runs);
      throw e;
    }
  }

  @Override
  public Set<Ability> abilities() {
    return abilities;
  }

  @Override
  public String describe() {
    return "version 2: " + words() + " in " + runs;
  }

  @Override
  public Group group(String cell, GroupLimits limits) throws IOException {
    retryLeft();
    Path directory = runs.resolve("r" + number.incrementAndGet());
    Files.createDirectory(directory);
    try {
      return new SecondVersionGroup(directory, limits, abilities, left::add);
    } catch (IOException e) {
      Directories.remove(directory);
      throw e;
    }
  }

  @Override
  public List<Path> threadEntrances(String cell) {
    return List.of();
  }

  @Override
  public void close() {
    Directories.clear(runs);
    if (moved) {
      moveBack();
    }
  }

  private void retryLeft() {
    for (Path path = left.poll(); path != null; path = left.poll()) {
      if (!Directories.remove(path)) {
        left.add(path);
        return;
      }
    }
  }

  /** Switches on; whether members had to move for it. */
  private static boolean switchOn(Path root, Set<Ability> wanted) throws IOException {
    try {
      ControlFile.write(root.resolve(CONTROL), switches("+", wanted));
      return false;
    } catch (IOException e) {
      LOG.debug("{} cannot be switched on with members in it", root, e);
    }
    Path leaf = Directories.make(root.resolve(LEAF));
    IOException refused = null;
    for (int tries = 0; tries < MOVES_MAX; tries++) {
      moveMembers(root, leaf);
      try {
        ControlFile.write(root.resolve(CONTROL), switches("+", wanted));
        return true;
      } catch (IOException e) {
        // Somebody may have been started there meanwhile.
        refused = e;
      }
    }
    undo(root, leaf);
    throw refused == null ? new IOException(root + " cannot be switched on") : refused;
  }

  private static void undo(Path root, Path leaf) {
    try {
      moveMembers(leaf, root);
    } catch (IOException e) {
      LOG.warn("the members of {} cannot be moved back: {}", leaf, e.toString());
    }
    Directories.remove(leaf);
  }

  /** As it was found, so that whoever made the subtree can use it otherwise. */
  private void moveBack() {
    Path leaf = root.resolve(LEAF);
    try {
      List<Path> others = new ArrayList<>(Directories.children(root));
      others.remove(leaf);
      if (others.isEmpty()) {
        ControlFile.write(root.resolve(CONTROL), switches("-", abilities));
        moveMembers(leaf, root);
        Directories.remove(leaf);
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be left as it was: {}", root, e.toString());
    }
  }

  private static void moveMembers(Path from, Path to) throws IOException {
    for (String pid : ControlFile.words(from.resolve(MEMBERS))) {
      try {
        ControlFile.write(to.resolve(MEMBERS), pid);
      } catch (IOException e) {
        if (ProcessHandle.of(Long.parseLong(pid)).isPresent()) {
          throw e;
        }
      }
    }
  }

  private static Set<Ability> offered(Path root) throws IOException {
    List<String> names = ControlFile.words(root.resolve("cgroup.controllers"));
    Set<Ability> offered = EnumSet.noneOf(Ability.class);
    for (Ability ability : Ability.values()) {
      if (names.contains(controller(ability))) {
        offered.add(ability);
      }
    }
    return offered;
  }

  private String words() {
    return String.join(", ", abilities.stream().map(SecondVersion::controller).toList());
  }

  private static String switches(String sign, Set<Ability> abilities) {
    return String.join(" ", abilities.stream().map(a -> sign + controller(a)).toList());
  }

  private static String controller(Ability ability) {
    return switch (ability) {
      case MEMORY, CPU -> ability.name().toLowerCase(Locale.ROOT);
      case TASKS -> "pids";
    };
  }
}
