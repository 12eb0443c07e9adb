package dev.stoker.alerting;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which metrics a PromQL expression asks for. Stateless. */
final class Expressions {
  /** Texts, matchers, ranges and lists of labels: nothing in them is a metric. */
  private static final Pattern NO_METRIC =
      Pattern.compile(
          "\"[^\"]*\"|\\{[^}]*\\}|\\[[^\\]]*\\]|\\boffset +\\w+"
              + "|\\b(by|on|without|ignoring|group_left|group_right) *\\([^)]*\\)");

  private static final Pattern NAME =
      Pattern.compile("(?<![\\w:.])[a-zA-Z_][\\w:]*(?![\\w:])(?! *\\()");
  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "bool", "group_left", "by", "on", "NaN", "Inf");
  private static final List<String> PARTS = List.of("_bucket", "_count", "_sum");

  private Expressions() {}

  static Set<String> metrics(String expression) {
    Set<String> metrics = new TreeSet<>();
    Matcher name = NAME.matcher(NO_METRIC.matcher(expression).replaceAll(" "));
    while (name.find()) {
      if (!WORDS.contains(name.group())) {
        metrics.add(name.group());
      }
    }
    return metrics;
  }

  /**
   * Whether a document has the metric's name as a word, or that of the histogram it is a part of.
   */
  static boolean isIn(String document, String metric) {
    if (isWord(document, metric)) {
      return true;
    }
    return PARTS.stream()
        .filter(metric::endsWith)
        .anyMatch(part -> isWord(document, metric.substring(0, metric.length() - part.length())));
  }

  private static boolean isWord(String document, String name) {
    return Pattern.compile("(?<![\\w:])" + Pattern.quote(name) + "(?![\\w:])")
        .matcher(document)
        .find();
  }
}
