package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard, by Grafana's published types and Prometheus' own parser. */
class DashboardIT {
  private static final Path FOLDER = Shipped.CONF.resolve("grafana");
  private static final Path FILE = FOLDER.resolve("stoker.json");
  private static final Path CHECK = Path.of("src", "test", "resources", "grafana").toAbsolutePath();
  private static final Pattern RUNBOOK =
      Pattern.compile("https://stoker\\.example/runbooks/(\\w+)\\.md");

  @TempDir Path directory;
  private final JsonNode dashboard = json();

  @Test
  void shouldBeWhatItsScriptWrites() throws IOException {
    String written = Program.PYTHON.run(FOLDER, "dashboard.py").succeeded();

    assertThat(written).isEqualTo(Files.readString(FILE));
  }

  @Test
  void shouldHaveTheTypesOfGrafana() throws IOException {
    for (String name : List.of("package.json", "package-lock.json", "check.mjs")) {
      Files.copy(CHECK.resolve(name), directory.resolve(name));
    }
    Program.NPM.run(directory, "ci", "--ignore-scripts", "--no-audit", "--no-fund").succeeded();
    Path broken =
        Files.writeString(
            directory.resolve("broken.json"),
            Files.readString(FILE)
                .replace("\"displayMode\": \"list\"", "\"displayMode\": \"lisp\""));

    Program.Said said = Program.NODE.run(directory, "check.mjs", FILE.toString());
    Program.Said ofBroken = Program.NODE.run(directory, "check.mjs", broken.toString());

    assertThat(said.succeeded()).contains(" panels, 0 mistakes");
    assertThat(ofBroken.exitCode()).isEqualTo(1);
    assertThat(ofBroken.text()).contains("Type '\"lisp\"' is not assignable");
  }

  @Test
  void shouldAskWhatPrometheusUnderstands() {
    List<String> expressions = expressions();
    Path file = Shipped.recording(directory.resolve("rules.yaml"), expressions);

    assertThat(Program.PROMTOOL.run(directory, "check", "rules", file.toString()).succeeded())
        .contains(expressions.size() + " rules found");
  }

  @Test
  void shouldNameOnlyMetricsThatAreDocumentedOrRecorded() throws IOException {
    Set<String> named = new TreeSet<>();
    expressions().forEach(expression -> named.addAll(Expressions.metrics(expression)));

    assertThat(named).contains("stoker_demand_total").hasSizeGreaterThan(40);
    assertThat(Expressions.unknown(named)).isEmpty();
  }

  @Test
  void shouldShowExemplarsWhereverABucketIsAsked() {
    assertThat(targets().filter(target -> text(target).contains("stoker_run_seconds_bucket")))
        .hasSizeGreaterThan(1)
        .allSatisfy(target -> assertThat(target.path("exemplar").asBoolean()).isTrue());
  }

  @Test
  void shouldHaveItsRowsAndVariablesAndLinkToRunbooksThatThereAre() throws IOException {
    assertThat(
            panels()
                .filter(panel -> panel.path("type").asText().equals("row"))
                .map(panel -> panel.path("title").asText()))
        .containsExactly("Overview", "Tools", "Nodes", "Cache", "Isolation");
    assertThat(
            Alert.elements(dashboard.at("/templating/list"))
                .map(variable -> variable.path("name").asText()))
        .containsExactly("source", "cluster", "namespace", "instance", "tool");
    Set<String> linked = new TreeSet<>();
    Matcher link = RUNBOOK.matcher(Files.readString(FILE));
    while (link.find()) {
      linked.add(link.group(1));
    }
    assertThat(linked)
        .hasSizeGreaterThan(15)
        .allSatisfy(name -> assertThat(Shipped.RUNBOOKS.resolve(name + ".md")).exists());
  }

  private Stream<JsonNode> panels() {
    return Alert.elements(dashboard.path("panels"));
  }

  private Stream<JsonNode> targets() {
    return panels().flatMap(panel -> Alert.elements(panel.path("targets")));
  }

  /** As Prometheus gets them: Grafana puts a duration where it says so. */
  private List<String> expressions() {
    return targets().map(target -> text(target).replace("$__rate_interval", "1m")).toList();
  }

  private static String text(JsonNode target) {
    return target.path("expr").asText();
  }

  private static JsonNode json() {
    try {
      return new ObjectMapper().readTree(FILE.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
