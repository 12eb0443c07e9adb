package dev.stoker.sandbox;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds out whether containers can be made here, and if not, why. Confined to the thread that makes
 * it; blocks for as long as bubblewrap takes, some ten milliseconds.
 */
final class ContainerProbe {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)");

  /** The first with {@code --disable-userns}, and with {@code --size}. */
  private static final int MINOR_MIN = 8;

  private static final int MINOR_NAMING = 9;

  private final Trial trial;

  ContainerProbe(Trial trial) {
    this.trial = trial;
  }

  /** A program that is run to see how it goes. */
  @FunctionalInterface
  interface Trial {
    /** Runs it to its end, with as many rights as a container's bubblewrap has. Blocks. */
    Result run(Path program, List<String> argv);
  }

  /**
   * How it went.
   *
   * @param text what it wrote, to stdout and stderr
   */
  record Result(boolean success, String text) {}

  /** What was found. */
  sealed interface Finding {
    /** Containers can be made. */
    record Works(Bubblewrap bubblewrap) implements Finding {}

    /** They cannot; {@code why} is for the operator. */
    record Lacking(String why) implements Finding {}
  }

  /** Looks for bubblewrap in these directories, and tries it. */
  Finding look(List<Path> directories) {
    Optional<Path> program =
        directories.stream()
            .map(path -> path.resolve("bwrap"))
            .filter(Files::isExecutable)
            .findFirst();
    if (program.isEmpty()) {
      return new Finding.Lacking(
          "bubblewrap is not installed: there is no bwrap in "
              + String.join(", ", directories.stream().map(Path::toString).toList()));
    }
    return version(program.get());
  }

  private Finding version(Path program) {
    Result told = trial.run(program, List.of("bwrap", "--version"));
    Matcher version = VERSION.matcher(told.text());
    if (!told.success() || !version.find()) {
      return new Finding.Lacking(program + " does not tell its version: " + told.text().strip());
    }
    int major = Integer.parseInt(version.group(1));
    int minor = Integer.parseInt(version.group(2));
    if (major == 0 && minor < MINOR_MIN) {
      return new Finding.Lacking(
          "bubblewrap %s is too old; needed: 0.%d.0 or newer"
              .formatted(version.group(), MINOR_MIN));
    }
    return attempt(new Bubblewrap(program, major > 0 || minor >= MINOR_NAMING));
  }

  private Finding attempt(Bubblewrap bubblewrap) {
    Result whole =
        container(bubblewrap, Stream.of("--unshare-net", "--disable-userns", "--proc", "/proc"));
    if (whole.success()) {
      return new Finding.Works(bubblewrap);
    }
    if (!container(bubblewrap, Stream.of()).success()) {
      return new Finding.Lacking("user namespaces cannot be made here: " + whole.text().strip());
    }
    if (container(bubblewrap, Stream.of("--unshare-net", "--disable-userns")).success()) {
      return new Finding.Lacking(
          "a namespace cannot be given a /proc of its own, because parts of this one are masked: "
              + whole.text().strip());
    }
    return new Finding.Lacking("a container cannot be made here: " + whole.text().strip());
  }

  /** The whole system, read-only, with what is in question. */
  private Result container(Bubblewrap bubblewrap, Stream<String> more) {
    Stream<String> some =
        Stream.of(
            "bwrap", "--unshare-user", "--unshare-pid", "--uid", "65534", "--ro-bind", "/", "/");
    return trial.run(
        bubblewrap.program(),
        Stream.of(some, more, Stream.of("--cap-drop", "ALL", "--", "/bin/sh", "-c", ":"))
            .flatMap(part -> part)
            .toList());
  }
}
