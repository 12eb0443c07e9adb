package dev.stoker.dispatch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Looks at the machine's processes. */
final class Processes {
  private Processes() {}

  /** Live processes whose environment has the mark. */
  static List<Long> markedWith(String mark) {
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      return all.filter(directory -> directory.getFileName().toString().matches("\\d+"))
          .filter(directory -> environment(directory).contains("STOKER_RUN=" + mark))
          .map(directory -> Long.valueOf(directory.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String environment(Path process) {
    try {
      return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
