package dev.stoker.sandbox;

import dev.stoker.process.Confinement;
import dev.stoker.process.Confinement.Privileges;
import dev.stoker.process.Confinement.Session;
import dev.stoker.process.LandlockRules;
import dev.stoker.process.LandlockRules.Rule;
import dev.stoker.process.ProcessSpec;
import dev.stoker.sandbox.SeccompFilter.Reach;
import dev.stoker.sandbox.SeccompFilter.Sockets;
import dev.stoker.tool.Availability;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition;
import dev.stoker.tool.ToolDefinition.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Says what a tool's confined processes may do. Thread-safe: what every tool may read is looked up
 * once a second, and is one immutable value.
 *
 * <p>A rule holds for the file that its path leads to when a thread restricts itself. A package
 * upgrade puts another file there, so that the rules name the file as well: the next run then gets
 * another thread.
 */
final class Policies {
  private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SandboxSettings settings;
  private final int abi;
  private volatile Common common;

  /** What every tool may read, as it was found then. */
  private record Common(long atNanos, List<Rule> rules) {}

  /**
   * @param abi of the kernel's Landlock
   */
  Policies(SandboxSettings settings, int abi) {
    this.settings = settings;
    this.abi = abi;
    this.common = lookUp();
  }

  /**
   * What a run may do.
   *
   * @throws IllegalArgumentException when the work directory lies within what the tool may read
   */
  Confinement of(Tool tool, ProcessSpec spec) {
    ToolDefinition definition = tool.definition();
    if (tool.availability() instanceof Availability.Available(Path program)
        && !program.equals(spec.executable())) {
      // A shell that is to become the program.
      return of(definition, List.of(program), spec);
    }
    return of(definition, List.of(), spec);
  }

  /** The same of a tool whose program is the spec's. */
  Confinement of(ToolDefinition tool, ProcessSpec spec) {
    return of(tool, List.of(), spec);
  }

  private Confinement of(ToolDefinition tool, List<Path> programs, ProcessSpec spec) {
    List<Path> own = new ArrayList<>(fixedArguments(tool));
    own.addAll(programs);
    tool.readable().forEach(path -> own.add(Path.of(path)));
    return of(tool.network(), own, spec);
  }

  /** What a run may do that reads these beside its program and what every tool may. */
  Confinement of(Network network, List<Path> readable, ProcessSpec spec) {
    List<Rule> rules = new ArrayList<>(common());
    List<Path> own = new ArrayList<>(readable);
    own.add(spec.executable());
    for (Path path : own) {
      readable(path).filter(rule -> !isWithin(rule.path(), rules)).ifPresent(rules::add);
    }
    return in(spec.directory(), network, rules);
  }

  /** What a program may do that belongs to no tool, and has no work directory. */
  Confinement bare() {
    return new Confinement(
        Path.of("/"),
        Privileges.DROPPED,
        Session.CELL_GROUP,
        landlock(Network.NONE, common()),
        filter(Network.NONE));
  }

  private Confinement in(Path cell, Network network, List<Rule> rules) {
    for (Rule rule : rules) {
      if (cell.startsWith(rule.path())) {
        throw new IllegalArgumentException(
            "'%s' is readable for the tool, and holds the work directories".formatted(rule.path()));
      }
    }
    rules.add(new Rule(cell, Landlock.cell(abi), ""));
    return new Confinement(
        cell, Privileges.DROPPED, Session.CELL_GROUP, landlock(network, rules), filter(network));
  }

  private LandlockRules landlock(Network network, List<Rule> rules) {
    long tcp = network == Network.NONE ? Landlock.handledNetwork(abi) : 0;
    return new LandlockRules(Landlock.handledFiles(abi), tcp, Landlock.scopes(abi), rules);
  }

  private SeccompFilter filter(Network network) {
    Sockets sockets = network == Network.NONE ? Sockets.NONE : Sockets.INTERNET;
    return new SeccompFilter(Machine.here(), Reach.SHARED, sockets, abi);
  }

  private List<Rule> common() {
    Common known = common;
    if (System.nanoTime() - known.atNanos() > KNOWN_NANOS) {
      known = lookUp();
      common = known;
    }
    return known.rules();
  }

  private Common lookUp() {
    List<Rule> rules = new ArrayList<>();
    for (Path path : settings.readable()) {
      readable(path).filter(rule -> !isWithin(rule.path(), rules)).ifPresent(rules::add);
    }
    long control = Landlock.handledFiles(abi) & Landlock.DEVICE_CONTROL;
    long truncate = Landlock.handledFiles(abi) & Landlock.TRUNCATE;
    long read = Landlock.READ_FILE | control;
    rule(Path.of("/dev/null"), read | Landlock.WRITE_FILE | truncate).ifPresent(rules::add);
    for (String device : List.of("/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")) {
      rule(Path.of(device), read).ifPresent(rules::add);
    }
    return new Common(System.nanoTime(), List.copyOf(rules));
  }

  private static boolean isWithin(Path path, List<Rule> rules) {
    return rules.stream().anyMatch(rule -> path.startsWith(rule.path()));
  }

  private static Optional<Rule> readable(Path path) {
    return rule(path, Landlock.readable());
  }

  /** Nothing where there is nothing. */
  private static Optional<Rule> rule(Path path, long rights) {
    try {
      Path real = path.toRealPath();
      BasicFileAttributes file = Files.readAttributes(real, BasicFileAttributes.class);
      long possible = file.isDirectory() ? rights : Landlock.onFile(rights);
      return Optional.of(new Rule(real, possible, String.valueOf(file.fileKey())));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Scripts and data that the command itself names. */
  static List<Path> fixedArguments(ToolDefinition tool) {
    List<Object> words = new ArrayList<>(tool.command());
    if (tool.worker() != null) {
      words.addAll(tool.worker().command());
    }
    return words.stream()
        .filter(element -> element instanceof String text && text.startsWith("/"))
        .flatMap(element -> named((String) element))
        .filter(Files::isRegularFile)
        .toList();
  }

  /** A file, also where a function of it is named as {@code /a/b.py:function}. */
  private static Stream<Path> named(String word) {
    int colon = word.lastIndexOf(':');
    return colon < 0
        ? Stream.of(Path.of(word))
        : Stream.of(Path.of(word), Path.of(word.substring(0, colon)));
  }
}
