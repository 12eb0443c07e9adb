package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shipped rules, their cases, their runbooks and Alertmanager's inhibitions are one thing. */
class AlertRulesTest {
  private static final String RUNBOOK = "https://stoker.example/runbooks/%s.md";
  private static final List<String> HEADINGS =
      List.of(
          "## What it means",
          "## What users see",
          "## First look",
          "## Causes",
          "## Mending",
          "## Escalate");

  private final List<Alert> alerts = Alert.all();

  @Test
  void shouldTellEachAlertToATiredPerson() {
    assertThat(alerts).hasSizeGreaterThan(25);
    assertThat(alerts)
        .allSatisfy(
            alert -> {
              assertThat(alert.name()).startsWith("Stoker");
              assertThat(alert.severity()).isIn("page", "ticket", "info");
              assertThat(alert.annotation("summary")).isNotBlank().hasSizeLessThan(140);
              assertThat(alert.annotation("description")).isNotBlank();
              assertThat(alert.annotation("runbook_url")).isEqualTo(RUNBOOK, alert.name());
            });
    assertThat(alerts.stream().map(Alert::key)).doesNotHaveDuplicates();
  }

  @Test
  void shouldHaveARunbookForEachAlertAndTheReverse() throws IOException {
    Set<String> pages = new TreeSet<>();
    try (Stream<Path> files = Files.list(Shipped.RUNBOOKS)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> !"README.md".equals(name))
          .forEach(name -> pages.add(name.replaceFirst("\\.md$", "")));
    }
    assertThat(pages).isEqualTo(names());
    for (String page : pages) {
      List<String> lines = Files.readAllLines(Shipped.RUNBOOKS.resolve(page + ".md"));
      assertThat(lines.getFirst()).isEqualTo("# " + page);
      assertThat(lines.stream().filter(line -> line.startsWith("## ")))
          .as(page)
          .containsExactlyElementsOf(HEADINGS);
      assertThat(String.join("\n", lines)).as(page).contains("```");
    }
  }

  @Test
  void shouldListEachRunbook() throws IOException {
    String index = Files.readString(Shipped.RUNBOOKS.resolve("README.md"));

    assertThat(alerts)
        .allSatisfy(
            alert ->
                assertThat(index)
                    .containsPattern(
                        "\\| \\[%s\\]\\(%s\\.md\\) \\| [a-z, ]*\\b%s\\b"
                            .formatted(alert.name(), alert.name(), alert.severity())));
  }

  @Test
  void shouldHaveCasesForEachAlertThatFireThatDoNotAndThatEnd() {
    Set<Alert.Key> keys = alerts.stream().map(Alert::key).collect(Collectors.toSet());

    Cases.Shown shown = Cases.shown();

    assertThat(shown.fires()).isEqualTo(keys);
    assertThat(shown.ends()).isEqualTo(keys);
    assertThat(shown.staysSilent()).containsAll(keys);
  }

  @Test
  void shouldNameOnlyMetricsThatAreDocumented() throws IOException {
    Set<String> named = new TreeSet<>();
    Alert.rules().forEach(rule -> named.addAll(Expressions.metrics(rule.path("expr").asText())));

    assertThat(named).contains("up", "stoker_queue_depth").containsAll(Expressions.recorded());
    assertThat(Expressions.unknown(named)).isEmpty();
  }

  @Test
  void shouldAskInRunbooksOnlyForMetricsThatThereAre() throws IOException {
    Set<String> named = new TreeSet<>();
    for (String query : Shipped.runbookQueries()) {
      named.addAll(Expressions.metrics(query));
    }

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(Expressions.unknown(named)).isEmpty();
  }

  @Test
  void shouldRingACauseNoLaterThanWhatFollowsFromIt() {
    for (JsonNode rule : Shipped.yaml(Shipped.ALERTMANAGER).path("inhibit_rules")) {
      String cause = named(rule.path("source_matchers"));
      String effects = named(rule.path("target_matchers"));
      if (cause.isEmpty() || effects.equals("Stoker.+") || effects.equals(cause)) {
        continue;
      }
      assertThat(names()).contains(cause).containsAll(List.of(effects.split("\\|")));
      assertThat(longest(cause))
          .as(cause)
          .isLessThanOrEqualTo(
              alerts.stream()
                  .filter(alert -> alert.name().matches(effects))
                  .map(Alert::hold)
                  .min(Comparator.naturalOrder())
                  .orElseThrow());
    }
  }

  /**
   * All of Stoker, one cluster of it, one node of that: the larger is there when the smaller rings.
   */
  @Test
  void shouldRingWhatIsLargerNoLater() {
    assertThat(longest("StokerGone")).isLessThanOrEqualTo(longest("StokerClusterGone"));
    assertThat(longest("StokerClusterGone")).isLessThanOrEqualTo(longest("StokerNodeLost"));
  }

  /** The alert, or the alternatives, that matchers name; empty where they name none. */
  private static String named(JsonNode matchers) {
    return Alert.elements(matchers)
        .map(JsonNode::asText)
        .filter(matcher -> matcher.matches("alertname=~?\".*"))
        .map(matcher -> matcher.replaceFirst("alertname=~?\"(.*)\"", "$1"))
        .findFirst()
        .orElse("");
  }

  private Duration longest(String name) {
    return alerts.stream()
        .filter(alert -> alert.name().equals(name))
        .map(Alert::hold)
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  private Set<String> names() {
    return alerts.stream().map(Alert::name).collect(Collectors.toCollection(TreeSet::new));
  }
}
