package dev.stoker.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counters by tool and one more label. Thread-safe. */
final class Counters {
  private final MeterRegistry registry;
  private final Map<Labelled, Counter> counters = new ConcurrentHashMap<>();

  private record Labelled(String name, String tool, String value) {}

  Counters(MeterRegistry registry) {
    this.registry = registry;
  }

  Counter of(String name, String description, String tool, String label, String value) {
    Labelled labelled = new Labelled(name, tool, value);
    Counter known = counters.get(labelled);
    if (known != null) {
      return known;
    }
    return counters.computeIfAbsent(
        labelled,
        key ->
            Counter.builder("stoker." + name)
                .description(description)
                .tag("tool", tool)
                .tag(label, value)
                .register(registry));
  }
}
