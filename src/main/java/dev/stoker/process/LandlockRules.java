package dev.stoker.process;

import java.nio.file.Path;
import java.util.List;

/**
 * A Landlock ruleset in the kernel's own terms (linux/landlock.h). Immutable.
 *
 * @param handledFiles the rights on files that are refused but for the rules
 * @param handledNetwork the same of TCP ports, of which no rule gives any
 * @param scopes what cannot be reached from inside: 1 for abstract sockets, 2 for signals
 */
public record LandlockRules(long handledFiles, long handledNetwork, long scopes, List<Rule> rules) {
  public LandlockRules {
    rules = List.copyOf(rules);
  }

  /**
   * Rights beneath a directory, or on a file.
   *
   * @param path absolute; one that is gone when the rule is to be set is left out
   * @param seen which file it was: a path that leads to another one by now makes another rule,
   *     because the kernel's holds for the file and not for the name
   */
  public record Rule(Path path, long rights, String seen) {}
}
