package dev.stoker.attack;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One line of the table. Immutable.
 *
 * @param tool the name of its tool, without the level
 * @param deadline what the caller gives it, such as {@code 2s}; empty for the tool's own
 * @param arguments with placeholders
 * @param outcomes what comes of it; in brackets: why it is not tried there
 */
record Attack(
    String section,
    String what,
    String tool,
    String deadline,
    List<String> arguments,
    Map<Level, String> outcomes) {

  /** The same, with another outcome. */
  Attack with(Level level, String outcome) {
    Map<Level, String> others = new EnumMap<>(outcomes);
    others.put(level, outcome);
    return new Attack(section, what, tool, deadline, arguments, others);
  }

  boolean isTried(Level level) {
    return !expected(level).startsWith("(");
  }

  String expected(Level level) {
    return outcomes.getOrDefault(level, "");
  }

  /** Whether that is what is to come of it. What follows an expected word is not looked at. */
  boolean isExpected(Level level, String outcome) {
    return List.of(expected(level).split(" or ", -1)).stream()
        .anyMatch(
            each ->
                outcome.equals(each)
                    || outcome.startsWith(each + ": ")
                    || outcome.startsWith(each + " ("));
  }
}
