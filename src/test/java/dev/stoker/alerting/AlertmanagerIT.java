package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Alertmanager's own tool reads what is shipped for it, and says where each alert goes. */
class AlertmanagerIT {
  @TempDir Path directory;

  @Test
  void shouldFindNoMistake() {
    assertThat(
            Program.AMTOOL
                .run(directory, "check-config", Shipped.ALERTMANAGER.toString())
                .succeeded())
        .contains("inhibit rules", "3 receivers", "1 templates");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          alertname=StokerNodeLost severity=page instance=beta     | on-call
          alertname=StokerClusterGone severity=page cluster=media  | on-call
          alertname=StokerQueueOld severity=page cluster=media     | on-call
          alertname=StokerQueueOld severity=ticket cluster=media   | tickets
          alertname=StokerToolFailing severity=info tool=gzip      | nobody
          alertname=SomethingElse                                  | tickets
          alertname=SomethingElse severity=critical                | tickets
          """)
  void shouldRouteBySeverity(String labels, String receiver) {
    verify(receiver, List.of(labels.strip().split(" +")));
  }

  @ParameterizedTest
  @MethodSource("everyAlert")
  void shouldRouteEveryAlert(Alert.Key alert) {
    String receiver =
        switch (alert.severity()) {
          case "page" -> "on-call";
          case "ticket" -> "tickets";
          default -> "nobody";
        };

    verify(receiver, List.of("alertname=" + alert.name(), "severity=" + alert.severity()));
  }

  static List<Alert.Key> everyAlert() {
    return Alert.all().stream().map(Alert::key).toList();
  }

  @Test
  void shouldHoldBackTicketsOnlyOutsideOfWorkingHours() {
    JsonNode configuration = Shipped.yaml(Shipped.ALERTMANAGER);

    List<JsonNode> routes = Alert.elements(configuration.at("/route/routes")).toList();

    assertThat(routes).hasSize(3);
    assertThat(routes)
        .allSatisfy(
            route ->
                assertThat(route.path("active_time_intervals").path(0).asText())
                    .isEqualTo(
                        route.path("receiver").asText().equals("tickets") ? "working-hours" : ""));
    Set<String> receivers =
        Alert.elements(configuration.path("receivers"))
            .map(receiver -> receiver.path("name").asText())
            .collect(Collectors.toSet());
    assertThat(receivers).containsExactlyInAnyOrder("on-call", "tickets", "nobody");
  }

  /** amtool fails when the alert goes elsewhere. */
  private void verify(String receiver, List<String> labels) {
    List<String> arguments = new ArrayList<>(List.of("config", "routes", "test"));
    arguments.add("--config.file=" + Shipped.ALERTMANAGER);
    arguments.add("--verify.receivers=" + receiver);
    arguments.addAll(labels);
    Program.AMTOOL.run(directory, arguments.toArray(String[]::new)).succeeded();
  }
}
