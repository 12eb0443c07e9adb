package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An alert on a metric that nobody exports never rings. */
class AlertRulesIT {
  private static final Pattern METRIC = Pattern.compile("stoker_[a-z_]+");

  @TempDir Path directory;

  @Test
  void shouldNameOnlyMetricsThatANodeExports() throws Exception {
    Set<String> named = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("conf", "alerts.yaml"))) {
      Matcher metric = METRIC.matcher(line);
      while (line.strip().startsWith("expr:") && metric.find()) {
        named.add(metric.group());
      }
    }
    assertThat(named).hasSizeGreaterThan(3);
    StokerHome home =
        new StokerHome(directory)
            .config("cluster: {name: alerts-" + ProcessHandle.current().pid() + "}");
    try (StokerProcess node = StokerProcess.start(home, List.of("--cluster"));
        Http http = new Http(node.management())) {
      String exported = http.get("/metrics").text();

      assertThat(named)
          .allSatisfy(name -> assertThat(exported).containsPattern("(?m)^" + name + "[ {]"));
    }
  }
}
