package dev.stoker.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where this process's own groups are, by cgroups(7) and proc(5). Immutable.
 *
 * @param unified of version 2
 * @param byController of version 1
 */
record Mounts(Optional<Path> unified, Map<String, Path> byController) {
  /** As the kernel tells it of this process. */
  static Mounts own() throws IOException {
    Path self = Path.of("/proc/self");
    return parse(
        Files.readString(self.resolve("mountinfo")), Files.readString(self.resolve("cgroup")));
  }

  /** From the content of the two files. */
  static Mounts parse(String mountInfo, String memberships) {
    Map<String, String> own = memberships(memberships);
    Optional<Path> unified = Optional.empty();
    Map<String, Path> byController = new HashMap<>();
    for (String line : mountInfo.lines().toList()) {
      // ... root, mount point, options, optional fields, "-", type, source, options
      int dash = line.indexOf(" - ");
      String[] before = line.split(" ", 6);
      String[] after = dash < 0 ? new String[0] : line.substring(dash + 3).split(" ", -1);
      if (before.length < 6 || after.length < 3) {
        continue;
      }
      if (after[0].equals("cgroup2") && own.containsKey("")) {
        unified = Optional.of(at(before[4], before[3], own.get("")));
      } else if (after[0].equals("cgroup")) {
        for (String controller : after[2].split(",", -1)) {
          String path = own.get(controller);
          if (path != null) {
            byController.putIfAbsent(controller, at(before[4], before[3], path));
          }
        }
      }
    }
    return new Mounts(unified, Map.copyOf(byController));
  }

  /** A container sees a part of the tree that is mounted, and names that begin elsewhere. */
  private static Path at(String point, String root, String own) {
    Path mount = Path.of(unescaped(point));
    String rest = own;
    if (!root.equals("/") && (own.equals(root) || own.startsWith(root + "/"))) {
      rest = own.substring(root.length());
    }
    Path full = mount.resolve(rest.startsWith("/") ? rest.substring(1) : rest).normalize();
    return full.startsWith(mount) && Files.isDirectory(full) ? full : mount;
  }

  /** {@code mountinfo} writes a space as {@code \040}. */
  private static String unescaped(String point) {
    return point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
  }

  /** Controller to path; the empty name is version 2's. */
  private static Map<String, String> memberships(String text) {
    Map<String, String> own = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3) {
        Arrays.stream(fields[1].split(",", -1)).forEach(name -> own.put(name, fields[2]));
      }
    }
    return own;
  }
}
