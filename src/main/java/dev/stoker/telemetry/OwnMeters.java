package dev.stoker.telemetry;

import dev.stoker.telemetry.Metrics.About;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Meters that a feature describes itself. Thread-safe. */
record OwnMeters(MeterRegistry registry) {
  void gauge(About about, Map<String, String> labels, Supplier<Number> value) {
    Tags tags = Tags.empty();
    for (Map.Entry<String, String> label : labels.entrySet()) {
      tags = tags.and(label.getKey(), label.getValue());
    }
    Gauge.builder("stoker." + about.name(), value)
        .description(about.description())
        .baseUnit(about.unit())
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  <T> void count(About about, T source, ToDoubleFunction<T> value) {
    FunctionCounter.builder("stoker." + about.name(), source, value)
        .description(about.description())
        .baseUnit(about.unit())
        .register(registry);
  }

  Counter counter(About about) {
    return Counter.builder("stoker." + about.name())
        .description(about.description())
        .baseUnit(about.unit())
        .register(registry);
  }

  Timer timer(About about) {
    return Timer.builder("stoker." + about.name())
        .description(about.description())
        .serviceLevelObjectives(Buckets.brief())
        .register(registry);
  }
}
