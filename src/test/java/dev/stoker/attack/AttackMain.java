package dev.stoker.attack;

import dev.stoker.Http;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Lays siege to a node where there is neither Maven nor a compiler, as in a container's image. Ends
 * with 0 when everything came to what the table says, and with 1 when anything did not.
 */
public final class AttackMain {
  private static final String NONE = "no-";

  private AttackMain() {}

  /**
   * @param arguments an empty directory with a short path, the directory of the programs, {@code
   *     table.txt} and other outcomes than its own ({@code table.txt:unprivileged.txt}), and
   *     levels. Of a level with {@code no-} before it, such as {@code no-container}, it is to be
   *     seen that it is refused
   */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    Set<Level> levels = levels(words, word -> !word.startsWith(NONE));
    Set<Level> missing = levels(words, word -> word.startsWith(NONE));
    Set<Level> all = EnumSet.copyOf(levels);
    all.addAll(missing);
    List<String> complaints = new ArrayList<>();
    try (Siege siege =
        new Siege(Path.of(arguments[0]), Path.of(arguments[1]), attacks(arguments[2]), all)) {
      for (Level level : levels) {
        Siege.Result result = siege.lay(level);
        System.out.print(result.table());
        System.out.printf("%d neighbours were served meanwhile%n", result.served());
        complaints.addAll(result.surprises());
        complaints.addAll(result.damage());
      }
      for (Level level : missing) {
        Http.Answer answer = siege.refusal(level);
        System.out.printf("%-10s %d %s%n", level.word(), answer.status(), answer.text());
        if (answer.status() != 503 || !answer.text().contains("isolation")) {
          complaints.add(level.word() + " was not refused");
        }
      }
    }
    complaints.forEach(complaint -> System.out.println("NOT SO: " + complaint));
    System.exit(complaints.isEmpty() ? 0 : 1);
  }

  private static List<Attack> attacks(String files) {
    List<String> both = List.of(files.split(":", 2));
    List<Attack> attacks = AttackTable.read(Path.of(both.getFirst()));
    return both.size() == 1 ? attacks : AttackTable.readOver(attacks, Path.of(both.get(1)));
  }

  private static Set<Level> levels(List<String> words, Predicate<String> which) {
    Set<Level> levels = EnumSet.noneOf(Level.class);
    words.stream()
        .skip(3)
        .filter(which)
        .map(word -> word.startsWith(NONE) ? word.substring(NONE.length()) : word)
        .forEach(word -> levels.add(Level.valueOf(word.toUpperCase(Locale.ROOT))));
    return levels;
  }
}
