package dev.stoker.attack;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Lays siege to a node where there is neither Maven nor a compiler, as in a container's image. Ends
 * with 0 when everything came to what the table says, and with 1 when anything did not.
 */
public final class AttackMain {
  private AttackMain() {}

  /**
   * @param arguments an empty directory with a short path, the directory of the programs, {@code
   *     table.txt}, and levels
   */
  public static void main(String[] arguments) throws Exception {
    Set<Level> levels = EnumSet.noneOf(Level.class);
    for (String word : List.of(arguments).subList(3, arguments.length)) {
      levels.add(Level.valueOf(word.toUpperCase(Locale.ROOT)));
    }
    List<String> complaints = new ArrayList<>();
    try (Siege siege =
        new Siege(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), levels)) {
      for (Level level : levels) {
        Siege.Result result = siege.lay(level);
        System.out.print(result.table());
        System.out.printf("%d neighbours were served meanwhile%n", result.served());
        complaints.addAll(result.surprises());
        complaints.addAll(result.damage());
      }
    }
    complaints.forEach(complaint -> System.out.println("NOT SO: " + complaint));
    System.exit(complaints.isEmpty() ? 0 : 1);
  }
}
