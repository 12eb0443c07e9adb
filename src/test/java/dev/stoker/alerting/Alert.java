package dev.stoker.alerting;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * An alert of the shipped rules. Immutable.
 *
 * @param hold how long its expression must hold before it rings
 */
record Alert(String name, String severity, String expression, Duration hold, JsonNode annotations) {

  /** A name and a severity: there is one rule for each. */
  record Key(String name, String severity) {}

  Key key() {
    return new Key(name, severity);
  }

  String annotation(String of) {
    return annotations.path(of).asText();
  }

  static List<Alert> all() {
    return rules().filter(rule -> rule.has("alert")).map(Alert::of).toList();
  }

  /** Alerting and recording rules. */
  static Stream<JsonNode> rules() {
    return elements(Shipped.yaml(Shipped.RULES).path("groups"))
        .flatMap(group -> elements(group.path("rules")));
  }

  static Stream<JsonNode> elements(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }

  private static Alert of(JsonNode rule) {
    return new Alert(
        rule.path("alert").asText(),
        rule.path("labels").path("severity").asText(),
        rule.path("expr").asText(),
        Time.parse(rule.path("for").asText("0s")),
        rule.path("annotations"));
  }
}
