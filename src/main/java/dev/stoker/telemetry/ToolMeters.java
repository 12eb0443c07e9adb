package dev.stoker.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** What is counted of one tool, looked up once. Thread-safe. */
record ToolMeters(
    Counter demand,
    Timer run,
    Timer queueWait,
    Timer start,
    Timer execution,
    Timer collection,
    Timer reply,
    DistributionSummary stdout,
    DistributionSummary stderr,
    Counter hits,
    Counter clusterHits,
    Counter collapsed,
    Counter misses,
    Counter kills,
    Counter strays) {

  static ToolMeters register(MeterRegistry registry, String tool) {
    Source source = new Source(registry, tool);
    return new ToolMeters(
        demand(registry, tool),
        source.timer("run", "From accept to the run's end", Buckets.lengthy()),
        source.timer("queue.wait", "From accept to the slot", Buckets.brief()),
        source.timer("start", "From the slot to the running process", Buckets.brief()),
        source.timer(
            "execution", "From the running process to the end of its tree", Buckets.lengthy()),
        source.timer(
            "collection", "From the end of the tree to output and files kept", Buckets.brief()),
        source.timer("reply", "From the run's end to the last of its answer sent", Buckets.brief()),
        source.bytes("stdout"),
        source.bytes("stderr"),
        source.hits("local"),
        source.hits("cluster"),
        source.hits("collapsed"),
        source.counter("cache.misses", "Results that had to be made"),
        source.counter("kills", "Runs whose processes Stoker ended"),
        source.counter("strays", "Processes outside their run's group, found and killed"));
  }

  static Counter demand(MeterRegistry registry, String tool) {
    return new Source(registry, tool)
        .counter("demand", "Commands that were asked for: hits, joined, run and refused");
  }

  private record Source(MeterRegistry registry, String tool) {
    Counter counter(String name, String description) {
      return Counter.builder("stoker." + name)
          .description(description)
          .tag("tool", tool)
          .register(registry);
    }

    Counter hits(String level) {
      return Counter.builder("stoker.cache.hits")
          .description("Results given again")
          .tag("tool", tool)
          .tag("level", level)
          .register(registry);
    }

    Timer timer(String name, String description, Duration[] bounds) {
      return Timer.builder("stoker." + name)
          .description(description)
          .tag("tool", tool)
          .serviceLevelObjectives(bounds)
          .register(registry);
    }

    DistributionSummary bytes(String stream) {
      return DistributionSummary.builder("stoker.output")
          .description("Bytes that a run wrote")
          .baseUnit("bytes")
          .tag("tool", tool)
          .tag("stream", stream)
          .register(registry);
    }
  }
}
