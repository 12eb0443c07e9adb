package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** docs/metrics.md: rows {@code | `name` | type | where | `label` `label` | what it answers |}. */
record MetricsPage(Map<String, Row> rows, Set<String> prefixes, List<Values> values) {
  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)(\\*?)` \\| (\\w+) \\| (\\w+) \\| ([^|]*)\\| (.+) \\|");
  private static final Pattern CODE = Pattern.compile("`(\\w+)`");
  private static final Pattern VALUES =
      Pattern.compile("\\| `(\\w+)`(?: of `(\\w+)`)? \\| ((?:`\\w+`(?::[^`]*)? ?)+) \\|");

  /**
   * One family.
   *
   * @param where {@code all}, {@code cluster} or {@code tls}
   */
  record Row(String type, String where, Set<String> labels) {}

  /**
   * All values that a label may have, where the page lists them.
   *
   * @param family of which; empty for every family
   */
  record Values(String label, String family, Set<String> allowed) {}

  /** What the page lists for a label of a family. */
  Set<String> values(String label, String family) {
    return values.stream()
        .filter(each -> each.label().equals(label))
        .filter(each -> each.family().isEmpty() || each.family().equals(family))
        .findFirst()
        .map(Values::allowed)
        .orElse(Set.of());
  }

  static MetricsPage read() throws IOException {
    Map<String, Row> rows = new TreeMap<>();
    Set<String> prefixes = new TreeSet<>();
    List<Values> values = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("docs", "metrics.md"))) {
      Matcher row = ROW.matcher(line);
      Matcher listed = VALUES.matcher(line);
      if (listed.matches()) {
        String family = listed.group(2) == null ? "" : listed.group(2);
        values.add(new Values(listed.group(1), family, codes(listed.group(3))));
      } else if (row.matches()) {
        if (row.group(2).isEmpty()) {
          Row before =
              rows.put(row.group(1), new Row(row.group(3), row.group(4), codes(row.group(5))));
          assertThat(before).as("%s is on the page twice", row.group(1)).isNull();
        } else {
          prefixes.add(row.group(1));
        }
      }
    }
    return new MetricsPage(rows, prefixes, values);
  }

  private static Set<String> codes(String cell) {
    Set<String> codes = new LinkedHashSet<>();
    Matcher code = CODE.matcher(cell);
    while (code.find()) {
      codes.add(code.group(1));
    }
    return codes;
  }

  boolean hasFamilyOf(String name) {
    return prefixes.stream().anyMatch(name::startsWith);
  }
}
