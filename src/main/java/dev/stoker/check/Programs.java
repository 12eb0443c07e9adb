package dev.stoker.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs by name, as the catalog does. Immutable. */
record Programs(List<Path> searchPath) {
  Programs {
    searchPath = List.copyOf(searchPath);
  }

  Optional<Path> find(String program) {
    Stream<Path> places =
        program.startsWith("/")
            ? Stream.of(Path.of(program))
            : searchPath.stream().map(directory -> directory.resolve(program));
    return places.filter(path -> Files.isRegularFile(path) && Files.isExecutable(path)).findFirst();
  }

  /** Without its directory. */
  static String baseName(String program) {
    return program.substring(program.lastIndexOf('/') + 1);
  }
}
