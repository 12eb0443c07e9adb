package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alertmanager itself says what is not told because of what. */
class InhibitionIT {
  /** Cause, effect, and whether the one silences the other; each row is a cluster of its own. */
  private static final String ROWS =
      """
      StokerNodeLost page instance=beta        | StokerMemberMissing ticket                    | silent
      StokerNodeLost page instance=beta        | StokerClusterParted page                      | silent
      StokerNodeLost page instance=beta        | StokerQueueOld page instance=alpha            | silent
      StokerNodeLost page instance=beta        | StokerRunsSlow ticket tool=gzip               | silent
      StokerNodeLost page instance=beta        | StokerErrorBudgetBurn page                    | told
      StokerNodeLost page instance=beta        | StokerNoQuorum page instance=alpha            | told
      StokerNodeLost page instance=beta        | StokerLedgerUnavailable page instance=alpha   | told
      StokerNodeLost page instance=beta        | StokerNodeLost page instance=gamma            | told
      StokerClusterGone page                   | StokerNodeLost page instance=beta             | silent
      StokerClusterGone page                   | StokerNodeVanished ticket instance=beta       | silent
      StokerClusterGone page                   | StokerErrorBudgetBurn page                    | silent
      StokerClusterGone page                   | SomethingElse page                            | told
      StokerClusterParted page                 | StokerNoQuorum page instance=alpha            | silent
      StokerNoQuorum page instance=alpha       | StokerLedgerUnavailable page instance=alpha   | silent
      StokerNoQuorum page instance=alpha       | StokerLedgerUnavailable page instance=beta    | told
      StokerQueueStuck page instance=alpha     | StokerQueueOld page instance=alpha            | silent
      StokerQueueStuck page instance=alpha     | StokerQueueOld page instance=beta             | told
      StokerQueueOld page instance=alpha       | StokerQueueOld ticket instance=alpha          | silent
      StokerQueueOld page instance=alpha       | StokerQueueOld ticket instance=beta           | told
      StokerErrorBudgetBurn page               | StokerErrorBudgetBurn ticket                  | silent
      StokerDiskFilling page instance=a use=spool | StokerDiskFilling ticket instance=a use=spool | silent
      StokerDiskFilling page instance=a use=spool | StokerDiskFilling ticket instance=a use=blobs | told
      StokerSandboxProbeFailing page           | StokerSandboxProbeFailing ticket instance=a   | silent
      StokerRestarting ticket instance=beta    | StokerMembershipFlapping ticket instance=alpha | silent
      """;

  @TempDir Path directory;
  private Pager pager;
  private Alertmanager alertmanager;

  @BeforeEach
  void start() throws Exception {
    pager = new Pager();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String address = "127.%d.%d.9".formatted(random.nextInt(1, 250), random.nextInt(250));
    alertmanager = new Alertmanager(directory, address, 10, pager);
  }

  @AfterEach
  void stop() {
    alertmanager.close();
    pager.close();
  }

  @Test
  void shouldSilenceWhatFollowsAndNothingElse() {
    List<String[]> rows = ROWS.lines().map(line -> line.strip().split(" *\\| *", -1)).toList();
    for (int i = 0; i < rows.size(); i++) {
      alertmanager.tell(labels("row" + i, rows.get(i)[0]));
      alertmanager.tell(labels("row" + i, rows.get(i)[1]));
    }
    await().until(() -> alertmanager.size() == 2 * rows.size());

    List<Map<String, Object>> inhibited = alertmanager.inhibited();

    for (int i = 0; i < rows.size(); i++) {
      Map<String, Object> effect = Map.copyOf(labels("row" + i, rows.get(i)[1]));
      assertThat(inhibited.contains(effect))
          .as(String.join(" | ", rows.get(i)))
          .isEqualTo(rows.get(i)[2].equals("silent"));
      assertThat(inhibited).doesNotContain(Map.copyOf(labels("row" + i, rows.get(i)[0])));
    }
  }

  @Test
  void shouldTellOnlyThatAllIsGoneWhenAllIs() {
    alertmanager.tell(Map.of("alertname", "StokerGone", "severity", "page"));
    alertmanager.tell(labels("media", "StokerClusterGone page"));
    alertmanager.tell(labels("media", "StokerNodeLost page instance=alpha"));
    alertmanager.tell(labels("media", "StokerErrorBudgetBurn page"));
    alertmanager.tell(Map.of("alertname", "SomethingElse", "severity", "page"));
    await().until(() -> alertmanager.size() == 5);

    assertThat(alertmanager.inhibited())
        .extracting(labels -> labels.get("alertname"))
        .containsExactlyInAnyOrder("StokerClusterGone", "StokerNodeLost", "StokerErrorBudgetBurn");
  }

  /** What Prometheus says when one of two clusters goes: one page, and the other's are told. */
  @Test
  void shouldTellOnlyThatAClusterIsGoneWhenItIs() {
    alertmanager.tell(labels("a", "StokerClusterGone page"));
    alertmanager.tell(labels("a", "StokerNodeLost page instance=alpha"));
    alertmanager.tell(labels("a", "StokerNodeLost page instance=beta"));
    alertmanager.tell(labels("b", "StokerNodeLost page instance=alpha"));
    alertmanager.tell(labels("b", "StokerClusterGone page"));
    alertmanager.tell(labels("c", "StokerNodeLost page instance=alpha"));
    await().until(() -> alertmanager.size() == 6);

    assertThat(alertmanager.inhibited())
        .extracting(labels -> labels.get("cluster"))
        .containsExactlyInAnyOrder("a", "a", "b");
  }

  private static Map<String, String> labels(String cluster, String text) {
    String[] words = text.split(" ", -1);
    Map<String, String> labels = new HashMap<>();
    labels.put("cluster", cluster);
    labels.put("alertname", words[0]);
    labels.put("severity", words[1]);
    for (int i = 2; i < words.length; i++) {
      labels.put(words[i].replaceFirst("=.*", ""), words[i].replaceFirst(".*=", ""));
    }
    return labels;
  }
}
