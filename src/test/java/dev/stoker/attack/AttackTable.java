package dev.stoker.attack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The attacks of {@code table.txt}, and the same as a document. */
final class AttackTable {
  private static final Pattern PROGRAM =
      Pattern.compile("(?:(net|held)(@\\w+)? )?([a-z]+)(@\\w+)?(.*)");
  private static final Level[] LEVELS = Level.values();

  private AttackTable() {}

  /**
   * @param file {@code table.txt}; its head says how it is written
   */
  static List<Attack> read(Path file) {
    List<Attack> attacks = new ArrayList<>();
    String section = "";
    for (String line : lines(file)) {
      if (line.startsWith("== ")) {
        section = line.substring(3);
      } else if (line.contains("|") && !line.startsWith("#")) {
        attacks.add(attack(section, List.of(line.split(" \\| ", -1))));
      }
    }
    return attacks;
  }

  /**
   * The attacks as they come out elsewhere.
   *
   * @param file {@code unprivileged.txt}; its head says how it is written
   */
  static List<Attack> readOver(List<Attack> attacks, Path file) {
    Map<String, String> others = new LinkedHashMap<>();
    for (List<String> cells : rows(file)) {
      others.put(cells.get(0), cells.get(1));
    }
    List<Attack> over = new ArrayList<>();
    for (Attack attack : attacks) {
      String other = others.remove(attack.what());
      over.add(other == null ? attack : attack.with(Level.CONFINED, other));
    }
    if (!others.isEmpty()) {
      throw new IllegalArgumentException("no such attacks: " + others.keySet());
    }
    return over;
  }

  /** The part of the document that says so. */
  static String documentOver(Path file) {
    StringBuilder document =
        new StringBuilder(
            "\n## As an ordinary user in a container\n\n| attack | `confined` | why |\n| --- | --- | --- |\n");
    for (List<String> cells : rows(file)) {
      document.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    return document.toString();
  }

  private static List<List<String>> rows(Path file) {
    return lines(file).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> List.of(line.split(" \\| ", -1)))
        .toList();
  }

  /** The document that {@code docs/attacks.md} is to be, but for its head. */
  static String document(List<Attack> attacks) {
    StringBuilder document = new StringBuilder();
    String section = "";
    for (Attack attack : attacks) {
      if (!attack.section().equals(section)) {
        section = attack.section();
        document
            .append("\n## ")
            .append(section)
            .append(
                "\n\n| attack | `none` | `confined` | `container` |\n| --- | --- | --- | --- |\n");
      }
      document.append("| ").append(attack.what()).append(" |");
      for (Level level : LEVELS) {
        document.append(' ').append(attack.expected(level)).append(" |");
      }
      document.append('\n');
    }
    return document.toString();
  }

  private static Attack attack(String section, List<String> cells) {
    Matcher program = PROGRAM.matcher(cells.get(1).strip());
    if (cells.size() != 2 + LEVELS.length || !program.matches()) {
      throw new IllegalArgumentException("not an attack: " + cells);
    }
    String kind = program.group(1) == null ? "" : program.group(1) + "-";
    String deadline = program.group(2) == null ? program.group(4) : program.group(2);
    String arguments = program.group(5).strip();
    Map<Level, String> outcomes = new EnumMap<>(Level.class);
    for (int i = 0; i < LEVELS.length; i++) {
      String outcome = cells.get(2 + i).strip();
      outcomes.put(LEVELS[i], outcome.equals("*") ? cells.get(2).strip() : outcome);
    }
    return new Attack(
        section,
        cells.getFirst().strip(),
        kind + program.group(3),
        deadline == null ? "" : deadline.substring(1),
        arguments.isEmpty() ? List.of() : List.of(arguments.split(" ", -1)),
        outcomes);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
