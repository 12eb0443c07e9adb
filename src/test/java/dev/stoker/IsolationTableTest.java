package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cluster.NodeInfo.LayerMark;
import dev.stoker.sandbox.Layer;
import dev.stoker.sandbox.Layer.State;
import dev.stoker.telemetry.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What was found at the start, in each form in which it is told. */
class IsolationTableTest {
  private final IsolationTable table =
      new IsolationTable(
          List.of(
              new Layer("landlock", State.LIMITED, "ABI 4: signals are refused"),
              new Layer("seccomp", State.WORKS, "filter"),
              new Layer("memory", State.MISSING, "no cgroup can be written")),
          List.of("confined", "none"));

  @Test
  void shouldBeOneTableForAnOperator() {
    assertThat(table.text())
        .isEqualTo(
            """
            Isolation that this machine can give: confined, none
              landlock  limited  ABI 4: signals are refused
              seccomp   works    filter
              memory    missing  no cgroup can be written
            """);
    assertThat(table.line()).isEqualTo("confined, none. Missing: memory");
  }

  @Test
  void shouldTellTheOtherNodes() {
    assertThat(table.marks())
        .contains(new LayerMark("memory", "missing", "no cgroup can be written"))
        .hasSize(3);
  }

  @Test
  void shouldBeAMetricOfOneForTheStateThatALayerIsIn() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();

    table.register(new Metrics(meters));

    assertThat(layer(meters, "landlock", "limited")).isEqualTo(1);
    assertThat(layer(meters, "landlock", "works")).isZero();
    assertThat(layer(meters, "memory", "missing")).isEqualTo(1);
    assertThat(meters.getMeters()).hasSize(9);
  }

  private static double layer(SimpleMeterRegistry meters, String layer, String state) {
    return meters
        .get("stoker.isolation.layer")
        .tag("layer", layer)
        .tag("state", state)
        .gauge()
        .value();
  }
}
