package dev.stoker.alerting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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
   * Which of these are neither recorded by the shipped rules, nor made by Prometheus itself, nor in
   * docs/metrics.md, which is held to what a node tells.
   */
  static Set<String> unknown(Set<String> named) throws IOException {
    String document = Files.readString(Path.of("docs", "metrics.md"));
    Set<String> unknown = new TreeSet<>(named);
    unknown.removeAll(Set.of("up", "ALERTS"));
    unknown.removeAll(recorded());
    unknown.removeIf(name -> isIn(document, name));
    return unknown;
  }

  static Set<String> recorded() {
    return Alert.rules()
        .filter(rule -> rule.has("record"))
        .map(rule -> rule.path("record").asText())
        .collect(Collectors.toSet());
  }

  /**
   * Whether a document has the metric's name as a word, or that of the histogram that it is a part
   * of, or its family, as in {@code `jvm_*`}.
   */
  static boolean isIn(String document, String metric) {
    String family = metric.replaceFirst("_.*", "_*");
    if (isWord(document, metric) || document.contains("`" + family + "`")) {
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
