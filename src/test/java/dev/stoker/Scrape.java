package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a node's metrics say, in Prometheus' text format 0.0.4. Immutable. */
record Scrape(Map<String, Family> families, int lines) {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.+)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)\\})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

  /** Metrics of one name: with the values of each label, but for a histogram's bounds. */
  record Family(String type, String help, Map<String, Set<String>> labels) {}

  static Scrape parse(String text) {
    Map<String, Family> families = new TreeMap<>();
    Map<String, String> helps = new TreeMap<>();
    Family current = new Family("", "", new TreeMap<>());
    String name = "";
    int lines = 0;
    for (String line : text.lines().toList()) {
      Matcher help = HELP.matcher(line);
      Matcher type = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (help.matches()) {
        helps.put(help.group(1), help.group(2));
      } else if (type.matches()) {
        name = type.group(1);
        current = new Family(type.group(2), helps.getOrDefault(name, ""), new TreeMap<>());
        families.put(name, current);
      } else if (sample.matches()) {
        lines++;
        assertThat(sample.group(1)).startsWith(name);
        String labels = sample.group(2) == null ? "" : sample.group(2);
        Matcher label = LABEL.matcher(labels);
        while (label.find()) {
          if (!Set.of("le", "quantile").contains(label.group(1))) {
            current
                .labels()
                .computeIfAbsent(label.group(1), key -> new TreeSet<>())
                .add(label.group(2));
          }
        }
      } else {
        assertThat(line).as("a line that is no metric's").isEmpty();
      }
    }
    return new Scrape(families, lines);
  }
}
