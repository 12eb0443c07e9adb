package dev.stoker.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Counts what happens. Thread-safe and cheap; never fails. Label values are tool names, states and
 * codes: their number is bounded by the catalog's.
 */
public final class Metrics {
  private static final Duration[] LATENCY_BUCKETS = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
  };

  private final MeterRegistry registry;
  private final Map<String, PerTool> tools = new ConcurrentHashMap<>();
  private final Map<Ended, Counter> ended = new ConcurrentHashMap<>();
  private final Map<Refused, Counter> refused = new ConcurrentHashMap<>();

  public Metrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A run has come to a terminal state. */
  public void runEnded(String tool, String state) {
    ended
        .computeIfAbsent(
            new Ended(tool, state),
            key ->
                Counter.builder("stoker.runs")
                    .description("Runs that have ended, by tool and terminal state")
                    .tag("tool", tool)
                    .tag("state", state)
                    .register(registry))
        .increment();
  }

  /** A command was refused before it became a run. */
  public void refused(String tool, String code) {
    refused
        .computeIfAbsent(
            new Refused(tool, code),
            key ->
                Counter.builder("stoker.refusals")
                    .description("Commands refused, by tool and error code")
                    .tag("tool", tool)
                    .tag("code", code)
                    .register(registry))
        .increment();
  }

  /** A caller's script was looked through: {@code passed}, {@code warned} or {@code refused}. */
  public void scriptChecked(String tool, String verdict) {
    Counter.builder("stoker.script.checks")
        .description("Callers' scripts that were checked, by tool and verdict")
        .tag("tool", tool)
        .tag("verdict", verdict)
        .register(registry)
        .increment();
  }

  /** From accept to the slot. */
  public void queueWait(String tool, Duration wait) {
    tool(tool).queueWait.record(wait);
  }

  /** From the slot to the running process. */
  public void startTime(String tool, Duration start) {
    tool(tool).start.record(start);
  }

  /** From the running process to its whole tree's end. */
  public void executionTime(String tool, Duration execution) {
    tool(tool).execution.record(execution);
  }

  public void outputBytes(String tool, String stream, long bytes) {
    PerTool meters = tool(tool);
    ("stdout".equals(stream) ? meters.stdout : meters.stderr).record((double) bytes);
  }

  /**
   * A result came from the cache; {@code level} is {@code local}, {@code cluster} or {@code
   * collapsed}.
   */
  public void cacheHit(String tool, String level) {
    PerTool meters = tool(tool);
    Counter hits =
        switch (level) {
          case "local" -> meters.hits;
          case "cluster" -> meters.clusterHits;
          default -> meters.collapsed;
        };
    hits.increment();
  }

  public void cacheMiss(String tool) {
    tool(tool).misses.increment();
  }

  /** A run's processes were ended by Stoker. */
  public void killed(String tool) {
    tool(tool).kills.increment();
  }

  /** Processes that had left their run's group and were found and killed. */
  public void strays(String tool, int count) {
    tool(tool).strays.increment(count);
  }

  /** Whether a layer of isolation is in this state; told once for each state. */
  public void isolationLayer(String layer, String state, boolean isInIt) {
    Gauge.builder("stoker.isolation.layer", () -> isInIt ? 1 : 0)
        .description("What isolation and limits are made of: 1 for the state that it is in")
        .tag("layer", layer)
        .tag("state", state)
        .strongReference(true)
        .register(registry);
  }

  /**
   * A number that is asked for when somebody looks. {@code name} has dots, as in {@code
   * slots.free}.
   */
  public void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder("stoker." + name, value)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  /** The same with labels, whose values are the same as long as this is. */
  public void gauge(
      String name, String description, Map<String, String> labels, Supplier<Number> value) {
    Gauge.Builder<Supplier<Number>> gauge =
        Gauge.builder("stoker." + name, value).description(description).strongReference(true);
    labels.forEach(gauge::tag);
    gauge.register(registry);
  }

  /** The same of a number that only grows; its name in Prometheus ends in {@code _total}. */
  public void count(String name, String description, Supplier<Number> value) {
    FunctionCounter.builder("stoker." + name, value, counted -> counted.get().doubleValue())
        .description(description)
        .register(registry);
  }

  private PerTool tool(String name) {
    PerTool known = tools.get(name);
    return known != null ? known : tools.computeIfAbsent(name, this::register);
  }

  private PerTool register(String tool) {
    return new PerTool(
        timer(tool, "stoker.queue.wait", "From accept to the slot"),
        timer(tool, "stoker.start", "From the slot to the running process"),
        timer(tool, "stoker.execution", "From the running process to the end of its tree"),
        summary(tool, "stdout"),
        summary(tool, "stderr"),
        counter(tool, "stoker.cache.hits", "level", "local", "Results given again"),
        counter(tool, "stoker.cache.hits", "level", "cluster", "Results given again"),
        counter(tool, "stoker.cache.hits", "level", "collapsed", "Results given again"),
        Counter.builder("stoker.cache.misses")
            .description("Results that had to be made")
            .tag("tool", tool)
            .register(registry),
        Counter.builder("stoker.kills")
            .description("Runs whose processes Stoker ended")
            .tag("tool", tool)
            .register(registry),
        Counter.builder("stoker.strays")
            .description("Processes outside their run's group that were found and killed")
            .tag("tool", tool)
            .register(registry));
  }

  private Timer timer(String tool, String name, String description) {
    return Timer.builder(name)
        .description(description)
        .tag("tool", tool)
        .serviceLevelObjectives(LATENCY_BUCKETS)
        .register(registry);
  }

  private DistributionSummary summary(String tool, String stream) {
    return DistributionSummary.builder("stoker.output.bytes")
        .description("Bytes that a run wrote")
        .baseUnit("bytes")
        .tag("tool", tool)
        .tag("stream", stream)
        .register(registry);
  }

  private Counter counter(
      String tool, String name, String label, String value, String description) {
    return Counter.builder(name)
        .description(description)
        .tag("tool", tool)
        .tag(label, value)
        .register(registry);
  }

  private record Ended(String tool, String state) {}

  private record Refused(String tool, String code) {}

  private record PerTool(
      Timer queueWait,
      Timer start,
      Timer execution,
      DistributionSummary stdout,
      DistributionSummary stderr,
      Counter hits,
      Counter clusterHits,
      Counter collapsed,
      Counter misses,
      Counter kills,
      Counter strays) {}
}
