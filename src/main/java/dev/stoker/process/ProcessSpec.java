package dev.stoker.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

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
 */
public record ProcessSpec(
    String mark,
    Path executable,
    List<String> argv,
    Map<String, String> environment,
    Path directory,
    StdinSource stdin,
    Duration grace,
    Duration drain) {

  public ProcessSpec {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("an argv has at least the program's name");
    }
    if (!executable.isAbsolute()) {
      throw new IllegalArgumentException(executable + " is not an absolute path");
    }
  }
}
