package dev.stoker.pool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.stoker.process.ProcessSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A POSIX shell that waits for what it is to become, one line on its standard input, and leaves
 * everything after that line for the program. Stateless.
 *
 * <p>A shell's {@code read} takes one byte at a time from a pipe, so that it takes nothing of the
 * program's input. The line has each word in single quotes, in which a shell knows no character but
 * the quote; a line break in a word is a variable.
 */
final class WarmShell {
  static final Path PROGRAM = Path.of("/bin/sh");

  /** Read byte by byte, so that a long line takes longer than a cold start. */
  static final int LINE_BYTES_MAX = 16 << 10;

  /** What it says when it waits. */
  static final byte READY = '\n';

  private static final String WAIT =
      """
      stoker_n='
      '
      stoker_d=$HOME
      echo
      IFS= read -r stoker_w && eval "$stoker_w"
      """;

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Those that a shell does not let anybody set, or that change how it reads a line. */
  private static final Set<String> REFUSED =
      Set.of(
          "PPID",
          "UID",
          "EUID",
          "LINENO",
          "OPTIND",
          "SHELLOPTS",
          "BASHOPTS",
          "BASH_VERSINFO",
          "POSIXLY_CORRECT",
          "stoker_n",
          "stoker_d",
          "stoker_w");

  private WarmShell() {}

  /** Its arguments. Its variable HOME is to be the work directory. */
  static List<String> argv() {
    return List.of("sh", "-c", WAIT);
  }

  /**
   * Whether it can become a program as it would be started cold: each variable has a name that a
   * shell can set, and the program has the name by which it is found.
   *
   * @param environment all but HOME and TMPDIR
   */
  static boolean takes(List<String> argv, Map<String, String> environment, Path executable) {
    return environment.keySet().stream()
            .allMatch(name -> NAME.matcher(name).matches() && !REFUSED.contains(name))
        && isFound(argv.getFirst(), environment.getOrDefault("PATH", ""), executable);
  }

  /** The first argument is how the program is named, and the shell looks it up by that. */
  private static boolean isFound(String name, String path, Path executable) {
    if (name.indexOf('/') >= 0 || !Pattern.matches("[A-Za-z0-9_.+][A-Za-z0-9_.+-]*", name)) {
      return name.equals(executable.toString());
    }
    for (String directory : path.split(":", -1)) {
      Path found = Path.of(directory.isEmpty() ? "." : directory).resolve(name);
      if (found.equals(executable)) {
        return true;
      }
      if (Files.exists(found)) {
        return false;
      }
    }
    return false;
  }

  /** The line that makes it become the spec's program, with its line break. */
  static byte[] line(ProcessSpec spec) {
    String directory = spec.directory().toString();
    StringBuilder line = new StringBuilder("unset PWD OLDPWD SHLVL;");
    new TreeMap<>(spec.environment())
        .forEach(
            (name, value) -> {
              line.append("export ").append(name).append('=');
              word(line, value, directory);
              line.append(';');
            });
    line.append("exec ");
    for (String argument : spec.argv()) {
      word(line, argument, directory);
      line.append(' ');
    }
    return line.append('\n').toString().getBytes(UTF_8);
  }

  /** What lies in the work directory is named as it is called inside. */
  private static void word(StringBuilder line, String text, String directory) {
    boolean lies = text.startsWith(directory + "/") || text.equals(directory);
    if (lies) {
      line.append("\"$stoker_d\"");
    }
    quote(line, lies ? text.substring(directory.length()) : text);
  }

  private static void quote(StringBuilder line, String text) {
    line.append('\'');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\'' -> line.append("'\\''");
        case '\n' -> line.append("'\"$stoker_n\"'");
        default -> line.append(c);
      }
    }
    line.append('\'');
  }
}
