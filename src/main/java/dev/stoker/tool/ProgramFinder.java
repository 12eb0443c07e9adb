package dev.stoker.tool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Finds the file that a command's first element names. Immutable. */
final class ProgramFinder {
  private final List<Path> directories;

  ProgramFinder(List<Path> directories) {
    this.directories = List.copyOf(directories);
  }

  /** Looks on the disk for the program, and for those that it starts itself. */
  Programs find(String program, List<String> requires, Kind kind) {
    Availability availability = kind == Kind.MODULE ? module(program) : find(program);
    List<Path> required = new ArrayList<>();
    for (String name : requires) {
      switch (find(name)) {
        case Availability.Available(Path path) -> required.add(path);
        case Availability.Unavailable missing -> {
          if (availability instanceof Availability.Available) {
            availability = missing;
          }
        }
      }
    }
    return new Programs(availability, required);
  }

  /** What is looked for. */
  enum Kind {
    /** A file that the system executes. */
    PROGRAM,
    /** A file that is read. */
    MODULE
  }

  /**
   * What was found.
   *
   * @param required those that the program starts itself
   */
  record Programs(Availability availability, List<Path> required) {
    Programs {
      required = List.copyOf(required);
    }

    static Programs none(String reason) {
      return new Programs(new Availability.Unavailable(reason), List.of());
    }
  }

  private Availability find(String program) {
    if (program.startsWith("/")) {
      Path path = Path.of(program);
      return isProgram(path)
          ? new Availability.Available(path)
          : new Availability.Unavailable(
              "program '" + program + "' is not an executable file here");
    }
    for (Path directory : directories) {
      Path path = directory.resolve(program);
      if (isProgram(path)) {
        return new Availability.Available(path);
      }
    }
    String places = directories.stream().map(Path::toString).collect(Collectors.joining(", "));
    return new Availability.Unavailable(
        "program '" + program + "' is not installed (looked in " + places + ")");
  }

  private static Availability module(String module) {
    Path path = Path.of(module);
    return Files.isRegularFile(path) && Files.isReadable(path)
        ? new Availability.Available(path)
        : new Availability.Unavailable("module '" + module + "' is not a readable file here");
  }

  private static boolean isProgram(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }
}
