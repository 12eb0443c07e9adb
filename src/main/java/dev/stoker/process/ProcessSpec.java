package dev.stoker.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to start, and how it may end. Immutable.
 *
 * @param mark names the owner of the whole tree; it is in the environment of every process of it as
 *     {@code STOKER_RUN}, so that strays are known by it. At most 200 printable ASCII characters
 * @param executable the program's absolute path; {@code argv} names it as the tool sees it
 * @param argv at least one element; none has a NUL
 * @param environment all of it but the mark: nothing is inherited
 * @param directory the working directory; it exists before the start
 * @param grace between TERM and KILL when the tree is to stop; zero for KILL at once
 * @param drain how long output is awaited after the main process has gone while a descendant holds
 *     the pipe
 * @param inherited further descriptors, from 3 on; at most {@value #INHERITED_MAX}
 * @param confinement what the whole tree is kept from; null for nothing. Its cell is the directory
 * @param limits what the tree is held to
 */
public record ProcessSpec(
    String mark,
    Path executable,
    List<String> argv,
    Map<String, String> environment,
    Path directory,
    StdinSource stdin,
    Duration grace,
    Duration drain,
    List<Inherited> inherited,
    @Nullable Confinement confinement,
    ProcessLimits limits) {
  /** Descriptors beside 0, 1 and 2. */
  public static final int INHERITED_MAX = 6;

  private static final int MARK_CHARACTERS_MAX = 200;

  public ProcessSpec {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("an argv has at least the program's name");
    }
    if (!executable.isAbsolute()) {
      throw new IllegalArgumentException(executable + " is not an absolute path");
    }
    argv.forEach(argument -> requireNoNul("an argument", argument));
    environment.forEach(
        (name, value) -> {
          requireNoNul("a variable's name", name);
          requireNoNul(name, value);
          if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException("'" + name + "' cannot be a variable's name");
          }
        });
    environment = withoutMark(environment);
    requireNoNul("the mark", mark);
    if (mark.isEmpty() || mark.length() > MARK_CHARACTERS_MAX) {
      throw new IllegalArgumentException(
          "a mark has 1 to " + MARK_CHARACTERS_MAX + " characters: '" + mark + "'");
    }
    inherited = List.copyOf(inherited);
    if (inherited.size() > INHERITED_MAX) {
      throw new IllegalArgumentException(
          "a process is given at most " + INHERITED_MAX + " further descriptors");
    }
    if (inherited.stream().filter(Inherited.BubblewrapReport.class::isInstance).count() > 1) {
      throw new IllegalArgumentException("one report of bubblewrap is enough");
    }
  }

  /** Of an unconfined process without limits. */
  public ProcessSpec(
      String mark,
      Path executable,
      List<String> argv,
      Map<String, String> environment,
      Path directory,
      StdinSource stdin,
      Duration grace,
      Duration drain) {
    this(
        mark,
        executable,
        argv,
        environment,
        directory,
        stdin,
        grace,
        drain,
        List.of(),
        null,
        ProcessLimits.NONE);
  }

  /** Of one that is given no descriptor but 0, 1 and 2. */
  public ProcessSpec(
      String mark,
      Path executable,
      List<String> argv,
      Map<String, String> environment,
      Path directory,
      StdinSource stdin,
      Duration grace,
      Duration drain,
      @Nullable Confinement confinement) {
    this(
        mark,
        executable,
        argv,
        environment,
        directory,
        stdin,
        grace,
        drain,
        List.of(),
        confinement,
        ProcessLimits.NONE);
  }

  /** The same, confined. */
  public ProcessSpec confined(Confinement to) {
    return new ProcessSpec(
        mark, executable, argv, environment, directory, stdin, grace, drain, inherited, to, limits);
  }

  /** The same, held to these. */
  public ProcessSpec limited(ProcessLimits by) {
    return new ProcessSpec(
        mark,
        executable,
        argv,
        environment,
        directory,
        stdin,
        grace,
        drain,
        inherited,
        confinement,
        by);
  }

  /** It would come twice, and which one counts is up to whoever reads it. */
  private static Map<String, String> withoutMark(Map<String, String> environment) {
    if (!environment.containsKey(Mark.VARIABLE)) {
      return environment;
    }
    Map<String, String> rest = new HashMap<>(environment);
    rest.remove(Mark.VARIABLE);
    return Map.copyOf(rest);
  }

  private static void requireNoNul(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " contains a NUL character");
    }
  }

  /** Without arguments and environment: some are secret, and texts end up in logs. */
  @Override
  public String toString() {
    return "ProcessSpec[" + mark + ", " + executable + "]";
  }
}
