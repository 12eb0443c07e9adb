package dev.stoker.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel tells of a process. Stateless; a process that has gone by now, or may not be
 * looked at, is null or empty.
 */
final class ProcFs {
  private static final Path PROC = Path.of("/proc");
  private static final String DELETED = " (deleted)";
  private static final String PEAK = "VmHWM:";
  private static final String SHARE = "Pss:";
  private static final String MARK = Mark.VARIABLE + "=";

  private ProcFs() {}

  /** A part of {@code /proc/<pid>/stat}. */
  record Stat(char state, int parent, int group, int session) {
    boolean zombie() {
      return state == 'Z' || state == 'X';
    }

    /** The second field is the program's name in parentheses, and may hold anything. */
    static Stat parse(String line) {
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", 5);
      return new Stat(
          fields[0].charAt(0),
          Integer.parseInt(fields[1]),
          Integer.parseInt(fields[2]),
          Integer.parseInt(fields[3]));
    }
  }

  /**
   * Another part of {@code /proc/<pid>/stat}.
   *
   * @param residentPages as the kernel counts them cheaply: not exact
   */
  record Vitals(Stat stat, int threads, long residentPages) {
    private static final int THREADS = 17;
    private static final int RESIDENT = 21;

    static Vitals parse(String line) {
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", RESIDENT + 2);
      return new Vitals(
          Stat.parse(line), Integer.parseInt(fields[THREADS]), Long.parseLong(fields[RESIDENT]));
    }
  }

  /**
   * {@code /proc/loadavg}: proc_loadavg(5).
   *
   * @param tasks processes and threads of the whole machine; 0 where it is not told
   * @param newest the number that was given to one of this namespace last; 0 where it is not told
   */
  record Load(int tasks, int newest) {
    static Load parse(String line) {
      // 0.20 0.18 0.12 1/80 11206
      String[] words = line.strip().split("[ /]", -1);
      return words.length == 6
          ? new Load(Integer.parseInt(words[4]), Integer.parseInt(words[5]))
          : new Load(0, 0);
    }
  }

  static @Nullable Vitals vitals(int pid) {
    String line = read(pid, "stat");
    return line.isEmpty() ? null : Vitals.parse(line);
  }

  /** The name that a process, or a zombie, has; empty when it has gone. */
  static String name(int pid) {
    String line = read(pid, "stat");
    return line.isEmpty() ? "" : line.substring(line.indexOf('(') + 1, line.lastIndexOf(')'));
  }

  /** Its resident memory, what it shares divided by those who share it; 0 when it is not told. */
  static long proportionalBytes(int pid) {
    return read(pid, "smaps_rollup")
            .lines()
            .filter(line -> line.startsWith(SHARE))
            .mapToLong(
                line -> Long.parseLong(line.substring(SHARE.length(), line.length() - 3).strip()))
            .sum()
        * 1024;
  }

  static @Nullable Stat stat(int pid) {
    String line = read(pid, "stat");
    return line.isEmpty() ? null : Stat.parse(line);
  }

  /** The mark in its environment as it was when it was exec'ed. */
  static @Nullable String mark(int pid) {
    String environment = "\0" + read(pid, "environ");
    int at = environment.indexOf("\0" + MARK);
    if (at >= 0) {
      int from = at + 1 + MARK.length();
      int to = environment.indexOf('\0', from);
      return environment.substring(from, to < 0 ? environment.length() : to);
    }
    return null;
  }

  /** The largest resident set it has had since its exec; 0 when it has gone. */
  static long residentPeakBytes(int pid) {
    return read(pid, "status")
            .lines()
            .filter(line -> line.startsWith(PEAK))
            .mapToLong(
                line -> Long.parseLong(line.substring(PEAK.length(), line.length() - 3).strip()))
            .sum()
        * 1024;
  }

  static @Nullable Path workingDirectory(int pid) {
    return link(PROC.resolve(pid + "/cwd"));
  }

  /** What one of this JVM's own descriptors is, such as {@code pipe:[4711]}. */
  static @Nullable Path ownDescriptor(int fd) {
    return link(PROC.resolve("self/fd/" + fd));
  }

  /** What its descriptors are. */
  static List<Path> descriptors(int pid) {
    List<Path> links = new ArrayList<>();
    for (Path entry : list(PROC.resolve(pid + "/fd"))) {
      Path target = link(entry);
      if (target != null) {
        links.add(target);
      }
    }
    return links;
  }

  /** Its descriptors of files that have no name any more, as paths that lead to the files. */
  static List<Path> unnamed(int pid) {
    List<Path> unnamed = new ArrayList<>();
    for (Path entry : list(PROC.resolve(pid + "/fd"))) {
      Path target = link(entry);
      if (target != null && target.toString().endsWith(DELETED)) {
        unnamed.add(entry);
      }
    }
    return unnamed;
  }

  /** The children of all its threads. */
  static List<Integer> children(int pid) {
    List<Integer> children = new ArrayList<>();
    for (Path thread : list(PROC.resolve(pid + "/task"))) {
      numbers(read(thread.resolve("children")), children);
    }
    return children;
  }

  /** Everybody. */
  static List<Integer> processes() {
    List<Integer> pids = new ArrayList<>();
    for (Path entry : list(PROC)) {
      String name = entry.getFileName().toString();
      if (Character.isDigit(name.charAt(0))) {
        pids.add(Integer.valueOf(name));
      }
    }
    return pids;
  }

  /** Processes and threads of the whole machine; 0 where it is not told. */
  static int tasks() {
    return load().tasks();
  }

  /** Where numbers of processes and threads are at the moment. */
  static Load load() {
    return Load.parse(read(PROC.resolve("loadavg")));
  }

  /** Adds the numbers of a {@code children} file, each followed by a space. */
  static void numbers(String text, List<Integer> into) {
    StringTokenizer numbers = new StringTokenizer(text);
    while (numbers.hasMoreTokens()) {
      into.add(Integer.valueOf(numbers.nextToken()));
    }
  }

  private static String read(int pid, String file) {
    return read(PROC.resolve(pid + "/" + file));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static @Nullable Path link(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      return null;
    }
  }

  private static List<Path> list(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return entries;
    }
    return entries;
  }
}
