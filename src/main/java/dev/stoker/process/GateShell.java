package dev.stoker.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The shell that a process is while it waits at its gate. Stateless.
 *
 * <p>It reads a line from the last descriptor that it inherits; the end of file instead means that
 * nobody is there any more who could hold the program to anything, and ends it. What it execs then
 * has its process number, its descriptors, its limits and its group.
 */
final class GateShell {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String NAME = "sh";
  private static final String BECOME = "exec \"$0\" \"$@\"";

  /** What shells set and export by themselves. */
  private static final Set<String> ADDED = Set.of("PWD", "OLDPWD", "SHLVL", "_");

  /** A variable with another name would not get through a shell. */
  private static final Pattern SHELLS_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private static final String SET_VARIABLES = "/usr/bin/env";
  private static final int SHEBANG_BYTES_MAX = 256;
  private static final int HEAD_BYTES = 20;
  private static final int MACHINE_OFFSET = 18;
  private static final int X86_64 = 62;
  private static final int X86 = 3;
  private static final int OWN_MACHINE = head(Path.of("/proc/self/exe"))[MACHINE_OFFSET];

  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;

  private GateShell() {}

  static Path executable() {
    return SHELL;
  }

  /** The descriptor it waits at: behind those of the spec, one digit in any case. */
  private static int descriptor(ProcessSpec spec) {
    return PosixSpawn.FIRST_INHERITED + spec.inherited().size();
  }

  /** What makes it become the spec's program. */
  static List<String> argv(ProcessSpec spec) {
    Set<String> added = new TreeSet<>(ADDED);
    added.removeAll(spec.environment().keySet());
    List<String> argv = new ArrayList<>();
    argv.add(NAME);
    argv.add("-c");
    argv.add(
        "read -r _ <&%1$d || exit 1; exec %1$d<&-; unset %2$s; %3$s"
            .formatted(descriptor(spec), String.join(" ", added), BECOME));
    List<String> odd = oddVariables(spec.environment());
    if (!odd.isEmpty()) {
      argv.add(SET_VARIABLES);
      argv.addAll(odd);
    }
    argv.add(spec.executable().toString());
    argv.addAll(spec.argv().subList(1, spec.argv().size()));
    return argv;
  }

  /**
   * The error number that an exec of the spec's program would end with, as far as can be seen; 0
   * for none. A shell must not be left to find out: it would take what is no program for a script
   * of its own language.
   */
  static int refusal(ProcessSpec spec) {
    Path program = spec.executable();
    if (!Files.exists(program) || !Files.isDirectory(spec.directory())) {
      return leadsThroughAFile(program) ? Errno.ENOTDIR : Errno.ENOENT;
    }
    if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
      return Errno.EACCES;
    }
    byte[] head = head(program);
    if (head[0] == '#' && head[1] == '!') {
      return hasInterpreter(program) ? 0 : Errno.ENOENT;
    }
    boolean isElf = head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    int machine = head[MACHINE_OFFSET];
    boolean runsHere = machine == OWN_MACHINE || (OWN_MACHINE == X86_64 && machine == X86);
    // What cannot be read may be executed all the same.
    return (isElf && runsHere) || !Files.isReadable(program) ? 0 : Errno.ENOEXEC;
  }

  /**
   * The error number, as far as it can be told, of an exec that the shell could not do; 0 when the
   * program ran.
   *
   * @param name of the main process at its end, as the kernel has it
   */
  static int failure(ProcessSpec spec, int exitCode, String name) {
    Path program = spec.executable().getFileName();
    boolean itself = name.equals(NAME) && program != null && !program.toString().equals(NAME);
    if (!itself) {
      return 0;
    }
    return switch (exitCode) {
      case NOT_EXECUTABLE -> Errno.EACCES;
      case NOT_FOUND -> Errno.ENOENT;
      default -> 0;
    };
  }

  private static boolean leadsThroughAFile(Path program) {
    Path above = program.getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    return above != null && !Files.isDirectory(above);
  }

  private static boolean hasInterpreter(Path script) {
    try (InputStream in = Files.newInputStream(script)) {
      String line =
          new String(in.readNBytes(SHEBANG_BYTES_MAX), ISO_8859_1).lines().findFirst().orElse("");
      StringTokenizer words = new StringTokenizer(line.substring("#!".length()));
      return !words.hasMoreTokens() || Files.exists(Path.of(words.nextToken()));
    } catch (IOException | InvalidPathException e) {
      return true;
    }
  }

  private static List<String> oddVariables(Map<String, String> environment) {
    return environment.entrySet().stream()
        .filter(variable -> !SHELLS_NAME.matcher(variable.getKey()).matches())
        .map(variable -> variable.getKey() + "=" + variable.getValue())
        .toList();
  }

  /** Zeros where it is shorter, or cannot be read. */
  private static byte[] head(Path file) {
    byte[] head = new byte[HEAD_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      int read = in.readNBytes(head, 0, HEAD_BYTES);
      return read < 0 ? new byte[HEAD_BYTES] : head;
    } catch (IOException e) {
      return new byte[HEAD_BYTES];
    }
  }
}
