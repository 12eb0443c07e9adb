package dev.stoker.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the tests look for in {@code /proc}, apart from the code under test. */
final class ProcessSigns {
  private ProcessSigns() {}

  /** The processes, no zombies, that have this text in their command line. */
  static List<String> withCommand(String text) {
    return processes("cmdline", text);
  }

  /** The processes, no zombies, that have this text in their environment. */
  static List<String> withEnvironment(String text) {
    return processes("environ", text);
  }

  static List<Long> zombies() {
    return ProcessHandle.current()
        .children()
        .map(ProcessHandle::pid)
        .filter(pid -> read(Path.of("/proc/" + pid + "/stat")).contains(") Z "))
        .toList();
  }

  static long descriptors() {
    return count(Path.of("/proc/self/fd"));
  }

  static List<String> threads() {
    return list(Path.of("/proc/self/task"))
        .map(task -> read(task.resolve("comm")).strip())
        .toList();
  }

  static String read(Path file) {
    try {
      return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static long count(Path directory) {
    return list(directory).count();
  }

  private static List<String> processes(String file, String text) {
    return list(Path.of("/proc"))
        .filter(path -> Character.isDigit(path.getFileName().toString().charAt(0)))
        .filter(path -> read(path.resolve(file)).contains(text))
        .map(path -> path.getFileName() + " " + read(path.resolve("cmdline")).replace('\0', ' '))
        .toList();
  }

  private static Stream<Path> list(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
