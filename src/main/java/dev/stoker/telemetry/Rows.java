package dev.stoker.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A gauge whose labels come and go, looked at before each scrape. Guarded by {@link Metrics}. */
final class Rows {
  private final MultiGauge gauge;
  private final List<String> labels;
  private final Supplier<Map<List<String>, Double>> values;

  Rows(
      MeterRegistry registry,
      Metrics.About about,
      List<String> labels,
      Supplier<Map<List<String>, Double>> values) {
    this.gauge =
        MultiGauge.builder("stoker." + about.name())
            .description(about.description())
            .baseUnit(about.unit())
            .register(registry);
    this.labels = List.copyOf(labels);
    this.values = values;
  }

  void refresh() {
    List<Row<?>> rows = new ArrayList<>();
    values.get().forEach((labelValues, value) -> rows.add(Row.of(tags(labelValues), value)));
    gauge.register(rows, true);
  }

  private Tags tags(List<String> labelValues) {
    Tags tags = Tags.empty();
    for (int i = 0; i < labels.size(); i++) {
      tags = tags.and(labels.get(i), labelValues.get(i));
    }
    return tags;
  }
}
