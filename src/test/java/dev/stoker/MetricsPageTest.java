package dev.stoker;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunState;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The lists of docs/metrics.md that come from the code. */
class MetricsPageTest {
  @Test
  void shouldListEveryErrorCode() throws IOException {
    assertThat(MetricsPage.read().values("code", "stoker_refusals_total"))
        .isEqualTo(Arrays.stream(ErrorCode.values()).map(ErrorCode::label).collect(toSet()));
  }

  @Test
  void shouldListEveryTerminalState() throws IOException {
    assertThat(MetricsPage.read().values("state", "stoker_runs_total"))
        .isEqualTo(
            Arrays.stream(RunState.values())
                .filter(RunState::isTerminal)
                .map(RunState::label)
                .collect(toSet()));
  }

  @Test
  void shouldGiveFamiliesNamesThatSayTheirUnitAndType() throws IOException {
    assertThat(MetricsPage.read().rows())
        .allSatisfy(
            (name, row) -> {
              assertThat(name.endsWith("_total")).as(name).isEqualTo(row.type().equals("counter"));
              if (row.type().equals("histogram")) {
                assertThat(name).endsWith("_seconds");
              }
            });
  }
}
