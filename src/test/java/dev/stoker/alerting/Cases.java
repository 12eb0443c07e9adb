package dev.stoker.alerting;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** promtool's cases: completed for it, and counted. Stateless. */
final class Cases {
  private Cases() {}

  /** What the cases show of an alert. */
  record Shown(Set<Alert.Key> fires, Set<Alert.Key> ends, Set<Alert.Key> staysSilent) {}

  /**
   * The file as promtool wants it: with the path of the rules, and with the annotations that a case
   * leaves out. Only summaries are written in the cases: they are rendered, the rest is a text.
   */
  static JsonNode complete(Path file) {
    Map<Alert.Key, Alert> alerts = new HashMap<>();
    Alert.all().forEach(alert -> alerts.put(alert.key(), alert));
    ObjectNode cases = (ObjectNode) Shipped.yaml(file);
    cases.putArray("rule_files").add(Shipped.RULES.toString());
    for (JsonNode test : cases.path("tests")) {
      for (JsonNode asked : test.path("alert_rule_test")) {
        for (JsonNode expected : asked.path("exp_alerts")) {
          Alert alert = alerts.get(key(asked, expected));
          if (alert == null) {
            throw new IllegalStateException(file + " expects what no rule is: " + expected);
          }
          ObjectNode annotations = (ObjectNode) expected.path("exp_annotations");
          annotations.put("description", alert.annotation("description"));
          annotations.put("runbook_url", alert.annotation("runbook_url"));
        }
      }
    }
    return cases;
  }

  /** What all cases together show. */
  static Shown shown() {
    Shown shown = new Shown(new HashSet<>(), new HashSet<>(), new HashSet<>());
    for (Path file : Shipped.cases()) {
      Shipped.yaml(file).path("tests").forEach(test -> look(test, shown));
    }
    return shown;
  }

  /** Within one test the questions are in the order of time. */
  private static void look(JsonNode test, Shown shown) {
    Map<String, List<Set<String>>> answers = new HashMap<>();
    for (JsonNode asked : test.path("alert_rule_test")) {
      Set<String> severities = new HashSet<>();
      asked.path("exp_alerts").forEach(expected -> severities.add(severity(expected)));
      answers
          .computeIfAbsent(asked.path("alertname").asText(), name -> new ArrayList<>())
          .add(severities);
    }
    answers.forEach(
        (name, inTime) -> {
          for (String severity : List.of("page", "ticket", "info")) {
            Alert.Key key = new Alert.Key(name, severity);
            List<Boolean> fires = inTime.stream().map(at -> at.contains(severity)).toList();
            if (!fires.contains(true)) {
              shown.staysSilent().add(key);
              continue;
            }
            shown.fires().add(key);
            if (!fires.getLast()) {
              shown.ends().add(key);
            }
          }
        });
  }

  private static Alert.Key key(JsonNode asked, JsonNode expected) {
    return new Alert.Key(asked.path("alertname").asText(), severity(expected));
  }

  private static String severity(JsonNode expected) {
    return expected.path("exp_labels").path("severity").asText();
  }
}
