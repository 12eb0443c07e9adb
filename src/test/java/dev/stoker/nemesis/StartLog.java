package dev.stoker.nemesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** Reads what the tools of {@link LoadTool} wrote when they began and ended. Stateless. */
final class StartLog {
  private StartLog() {}

  private record Begun(String run, long pid) {}

  /**
   * All processes, in the order of their beginning.
   *
   * @param nodeOf finds a node's number by a mark
   */
  static List<Execution> read(Path log, ToIntFunction<String> nodeOf) {
    try {
      return Files.exists(log) ? parse(Files.readAllLines(log), nodeOf) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Execution> parse(Collection<String> lines, ToIntFunction<String> nodeOf) {
    Map<Begun, Execution> found = new LinkedHashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      if (words.length != 5) {
        throw new IllegalStateException("no line of a tool: '" + line + "'");
      }
      String run = words[2].substring(words[2].lastIndexOf('/') + 1);
      Begun process = new Begun(run, Long.parseLong(words[3]));
      long millis = Long.parseLong(words[4]);
      switch (words[0]) {
        case "begin" ->
            found.put(
                process,
                new Execution(
                    LoadTool.of(words[1]),
                    nodeOf.applyAsInt(words[2]),
                    run,
                    process.pid(),
                    millis,
                    null));
        case "end" ->
            found.computeIfPresent(
                process,
                (_, begun) ->
                    new Execution(
                        begun.tool(),
                        begun.node(),
                        begun.run(),
                        begun.pid(),
                        begun.beginMillis(),
                        millis));
        default -> throw new IllegalStateException("no line of a tool: '" + line + "'");
      }
    }
    return List.copyOf(found.values());
  }
}
