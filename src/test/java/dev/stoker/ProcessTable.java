package dev.stoker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The machine's processes, as the kernel tells of them. */
public final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final String MARK = "STOKER_RUN=";

  private ProcessTable() {}

  /** Those that have the mark in an argument. The dead have no arguments. */
  public static List<Long> withArgument(String mark) {
    try (Stream<Path> all = Files.list(PROC)) {
      return all.filter(path -> path.getFileName().toString().matches("\\d+"))
          .filter(path -> text(path.resolve("cmdline")).contains(mark))
          .map(path -> Long.valueOf(path.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What each process of a run, by its pid, has as its mark: {@code node/run}. */
  public static Map<Long, String> marks() {
    Map<Long, String> found = new HashMap<>();
    try (Stream<Path> all = Files.list(PROC)) {
      all.filter(path -> path.getFileName().toString().matches("\\d+"))
          .forEach(
              path ->
                  text(path.resolve("environ"))
                      .transform(text -> Stream.of(text.split("\000", -1)))
                      .filter(variable -> variable.startsWith(MARK))
                      .forEach(
                          variable ->
                              found.put(
                                  Long.valueOf(path.getFileName().toString()),
                                  variable.substring(MARK.length()))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /** Dead children that nobody has asked after, but for those that pin a group's number. */
  public static List<Long> zombiesOf(long parent) {
    Set<Long> holders = holdersOf(parent);
    try (Stream<Path> all = Files.list(PROC)) {
      return all.filter(path -> path.getFileName().toString().matches("\\d+"))
          .filter(path -> isZombieOf(text(path.resolve("stat")), parent))
          .map(path -> Long.valueOf(path.getFileName().toString()))
          .filter(pid -> !holders.contains(pid))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Living and dead, but for those that pin a group's number. */
  public static List<Long> childrenOf(long parent) {
    Set<Long> holders = holdersOf(parent);
    return ProcessHandle.of(parent).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .filter(pid -> !holders.contains(pid))
        .toList();
  }

  /** The dead first child of each thread that starts confined processes. */
  private static Set<Long> holdersOf(long parent) {
    try (Stream<Path> threads = Files.list(PROC.resolve(parent + "/task"))) {
      return threads
          .filter(thread -> text(thread.resolve("comm")).startsWith("stoker-confine"))
          .flatMap(thread -> Stream.of(text(thread.resolve("children")).strip().split(" ", -1)))
          .filter(pid -> !pid.isEmpty())
          .filter(pid -> isZombieOf(text(PROC.resolve(pid + "/stat")), parent))
          .map(Long::valueOf)
          .collect(Collectors.toSet());
    } catch (IOException gone) {
      return Set.of();
    }
  }

  public static int descriptors(long pid) {
    return entries(PROC.resolve(pid + "/fd"));
  }

  public static int threads(long pid) {
    return entries(PROC.resolve(pid + "/task"));
  }

  /** Resident memory, without what is shared with files. */
  public static long anonymousBytes(long pid) {
    return text(PROC.resolve(pid + "/status"))
        .lines()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /** What a process has written since it began, to whatever. */
  public static long writtenBytes(long pid) {
    return text(PROC.resolve(pid + "/io"))
        .lines()
        .filter(line -> line.startsWith("wchar:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static boolean isZombieOf(String stat, long parent) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    return fields.length > 1 && fields[0].equals("Z") && Long.parseLong(fields[1]) == parent;
  }

  private static int entries(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      return (int) all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
