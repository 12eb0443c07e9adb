package dev.stoker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.run.RunId;
import dev.stoker.run.TraceContext;
import dev.stoker.run.TraceContext.Sampling;
import dev.stoker.telemetry.Metrics.About;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricsTest {
  private static final TraceContext TRACE =
      new TraceContext("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", Sampling.KEPT, "");

  private final Metrics metrics = Metrics.open();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void shouldNameAKeptTraceInTheBucketThatItFellInto() {
    metrics.runEnded("tool", "succeeded", Duration.ofMillis(7), TRACE);

    assertThat(
            line(Exposition.OPEN_METRICS, "stoker_run_seconds_bucket{tool=\"tool\",le=\"0.01\"}"))
        .contains("trace_id=\"0af7651916cd43dd8448eb211c80319c\"")
        .contains("span_id=\"b7ad6b7169203331\"")
        .contains("} 0.007 ");
    assertThat(line(Exposition.PROMETHEUS, "stoker_run_seconds_bucket{tool=\"tool\",le=\"0.01\"}"))
        .endsWith("} 1");
  }

  @Test
  void shouldNameNoTraceThatIsNotKept() {
    TraceContext dropped =
        new TraceContext(TRACE.traceId(), TRACE.spanId(), Sampling.NOT_KEPT, TRACE.state());
    metrics.runEnded("tool", "failed", Duration.ofMillis(7), dropped);
    metrics.runEnded("tool", "failed", Duration.ofMillis(7), null);

    assertThat(metrics.told(Exposition.OPEN_METRICS)).doesNotContain("trace_id");
  }

  @Test
  void shouldForgetTheTraceAfterTheRecord() {
    metrics.runEnded("tool", "succeeded", Duration.ofMillis(7), TRACE);
    metrics.runEnded("other", "succeeded", Duration.ofMillis(7), null);

    assertThat(
            line(Exposition.OPEN_METRICS, "stoker_run_seconds_bucket{tool=\"other\",le=\"0.01\"}"))
        .endsWith("} 1");
  }

  @Test
  void shouldTimeAReplyOnlyOfARunThatIsOverAndWasAwaited() {
    RunId over = RunId.next();
    RunId going = RunId.next();
    RunId unheard = RunId.next();
    metrics.awaited(over);
    metrics.awaited(going);
    metrics.over(over);
    metrics.over(unheard);

    metrics.replied(over, "tool", null);
    metrics.replied(over, "tool", null);
    metrics.replied(going, "tool", null);
    metrics.replied(unheard, "tool", null);

    assertThat(line(Exposition.PROMETHEUS, "stoker_reply_seconds_count")).endsWith(" 1");
  }

  @Test
  void shouldCountAHitAsDemandAndAsRequestToo() {
    LongConsumer hits = metrics.hits("tool", "POST", "/v1/tools/{tool}/runs");
    hits.accept(20_000);
    hits.accept(20_000);

    assertThat(line(Exposition.PROMETHEUS, "stoker_demand_total")).endsWith(" 2.0");
    assertThat(
            line(Exposition.PROMETHEUS, "stoker_cache_hits_total{level=\"local\",tool=\"tool\"}"))
        .endsWith(" 2.0");
    assertThat(line(Exposition.PROMETHEUS, "stoker_http_request_seconds_sum")).endsWith(" 4.0E-5");
  }

  @Test
  void shouldLeaveOutPhasesThatDidNotComeToPass() {
    metrics.attempted("tool", new Metrics.Phases(Duration.ofMillis(1), null, null, null), null);

    assertThat(line(Exposition.PROMETHEUS, "stoker_queue_wait_seconds_count")).endsWith(" 1");
    assertThat(line(Exposition.PROMETHEUS, "stoker_start_seconds_count")).endsWith(" 0");
    assertThat(line(Exposition.PROMETHEUS, "stoker_execution_seconds_count")).endsWith(" 0");
    assertThat(line(Exposition.PROMETHEUS, "stoker_collection_seconds_count")).endsWith(" 0");
  }

  @Test
  void shouldDropRowsThatAreThereNoMore() {
    AtomicReference<Map<List<String>, Double>> rows =
        new AtomicReference<>(Map.of(List.of("a"), 1.0, List.of("b"), 2.0));
    metrics.gauges(new About("workers", "Workers"), List.of("tool"), rows::get);
    String before = metrics.told(Exposition.PROMETHEUS);

    rows.set(Map.of(List.of("b"), 3.0));
    String after = metrics.told(Exposition.PROMETHEUS);

    assertThat(before).contains("stoker_workers{tool=\"a\"} 1.0", "stoker_workers{tool=\"b\"} 2.0");
    assertThat(after).contains("stoker_workers{tool=\"b\"} 3.0").doesNotContain("tool=\"a\"");
  }

  @ParameterizedTest
  @EnumSource(Exposition.class)
  void shouldNameUnitsOnceAndEndAsTheFormEnds(Exposition form) {
    metrics.gauge(new About("disk.free", "bytes", "Room"), Map.of("use", "work"), () -> 5);
    metrics.gauge(new About("node.info", "What it is"), Map.of("node", "a"), () -> 1);
    metrics.counter(new About("bus.failures", "Questions")).run();

    String told = metrics.told(form);

    assertThat(told)
        .contains("stoker_disk_free_bytes{use=\"work\"} 5.0")
        .contains("stoker_node_info{node=\"a\"} 1")
        .contains("stoker_bus_failures_total 1.0");
    assertThat(told.endsWith("# EOF\n")).isEqualTo(form == Exposition.OPEN_METRICS);
  }

  private @Nullable String line(Exposition form, String begin) {
    return metrics
        .told(form)
        .lines()
        .filter(line -> line.startsWith(begin))
        .findFirst()
        .orElse(null);
  }
}
