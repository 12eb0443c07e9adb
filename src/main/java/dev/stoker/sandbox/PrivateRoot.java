package dev.stoker.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What of this system is to be seen in a private root, as it is laid out here. Immutable.
 *
 * @param links symbolic links that are made anew, because they lead to something that is seen
 * @param bindings files and directories that are seen, read-only, under their own names
 */
record PrivateRoot(List<Link> links, List<Path> bindings) {
  PrivateRoot {
    links = List.copyOf(links);
    bindings = List.copyOf(bindings);
  }

  /** A symbolic link and what it holds. */
  record Link(Path path, Path target) {}

  /** Looks which of these paths are there, and what they are. What is not there is left out. */
  static PrivateRoot of(List<Path> readable) {
    Set<Path> wanted = new LinkedHashSet<>();
    for (Path path : readable) {
      if (Files.exists(path)) {
        wanted.add(path.normalize());
      }
    }
    List<Link> links = new ArrayList<>();
    List<Path> bindings = new ArrayList<>();
    // The shorter first: what is bound later is bound into it.
    for (Path path : wanted.stream().sorted().toList()) {
      if (isCovered(path, bindings)) {
        continue;
      }
      if (Files.isSymbolicLink(path) && leadsInto(path, wanted)) {
        links.add(new Link(path, read(path)));
      } else {
        bindings.add(path);
      }
    }
    return new PrivateRoot(links, bindings);
  }

  /** Whether a path is there already, below one that is bound. */
  boolean shows(Path path) {
    return isCovered(path, bindings) || links.stream().anyMatch(link -> path.startsWith(link.path));
  }

  private static boolean isCovered(Path path, List<Path> bindings) {
    return bindings.stream().anyMatch(path::startsWith);
  }

  /** Whether what a link leads to is seen by its own name. */
  private static boolean leadsInto(Path link, Set<Path> wanted) {
    try {
      Path real = link.toRealPath();
      return wanted.stream().anyMatch(path -> !Files.isSymbolicLink(path) && real.startsWith(path));
    } catch (IOException e) {
      return false;
    }
  }

  private static Path read(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
