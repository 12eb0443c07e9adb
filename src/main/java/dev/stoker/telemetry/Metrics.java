package dev.stoker.telemetry;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.RunState;
import dev.stoker.run.TraceContext;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens. Thread-safe and cheap; never fails.
 *
 * <p>Label values are names of the catalog's tools, of routes, of states and codes: their number is
 * bounded, whatever callers send. What somebody made up is {@link #UNKNOWN}, all of it.
 *
 * <p>Where a number is told with a trace that is kept, its histogram may name that as an example
 * (OpenMetrics 1.0, exemplars).
 */
public final class Metrics implements AutoCloseable {
  /** For a tool or path that there is not; no tool's name and no route begins like this. */
  public static final String UNKNOWN = "_unknown";

  private static final List<RunState> MISSED = List.of(RunState.LOST, RunState.SANDBOX_FAILED);
  private static final List<ErrorCode> REFUSED =
      List.of(
          ErrorCode.CAPACITY_EXCEEDED,
          ErrorCode.LEDGER_UNAVAILABLE,
          ErrorCode.STORAGE_FULL,
          ErrorCode.TOOL_UNAVAILABLE,
          ErrorCode.AUDIT_UNAVAILABLE,
          ErrorCode.INTERNAL);

  private final MeterRegistry registry;
  private final CurrentTrace traces;
  private final Requests requests;
  private final Replies replies = new Replies();
  private final Map<String, ToolMeters> tools = new ConcurrentHashMap<>();
  private final Counters counters;
  private final OwnMeters own;

  /** Guarded by itself. */
  private final List<Rows> rows = new ArrayList<>();

  /** Guarded by {@code rows}. */
  private @Nullable Platform platform;

  /** Numbers for a registry of the caller's; without examples. */
  public Metrics(MeterRegistry registry) {
    this(registry, new CurrentTrace());
  }

  private Metrics(MeterRegistry registry, CurrentTrace traces) {
    this.registry = registry;
    this.traces = traces;
    this.requests = new Requests(registry);
    this.counters = new Counters(registry);
    this.own = new OwnMeters(registry);
  }

  /** Numbers for Prometheus; whoever made it closes it. */
  public static Metrics open() {
    CurrentTrace traces = new CurrentTrace();
    return new Metrics(
        new PrometheusMeterRegistry(
            PrometheusConfig.DEFAULT, new PrometheusRegistry(), Clock.SYSTEM, traces),
        traces);
  }

  /**
   * What an attempt at a run took. Null for what did not come to pass.
   *
   * @param queueWait from accept to the slot
   * @param start from the slot to the running process
   * @param execution from the running process to the end of its tree
   * @param collection from there until its output and files were kept
   */
  public record Phases(
      Duration queueWait,
      @Nullable Duration start,
      @Nullable Duration execution,
      @Nullable Duration collection) {}

  /**
   * A gauge or counter of the caller's.
   *
   * @param name with dots, without {@code stoker}, unit and {@code total}
   * @param unit such as {@code bytes} or {@code seconds}; null for things that are counted
   */
  public record About(String name, @Nullable String unit, String description) {
    public About(String name, String description) {
      this(name, null, description);
    }
  }

  /** Somebody asked for a run, whatever becomes of that. */
  public void asked(String tool) {
    tool(tool).demand().increment();
  }

  /**
   * A tool is in the catalog: what an objective is reckoned by begins at 0. The first of a series
   * that begins with its first value is no rise to whoever looks at two samples.
   */
  public void expect(String tool) {
    ToolMeters.demand(registry, tool);
    MISSED.forEach(state -> runs(tool, state.label()));
    REFUSED.forEach(code -> refusals(tool, code.label()));
  }

  /** A command was refused before it became a run. */
  public void refused(String tool, String code) {
    refusals(tool, code).increment();
  }

  private Counter refusals(String tool, String code) {
    return counters.of("refusals", "Commands refused, by tool and error code", tool, "code", code);
  }

  private Counter runs(String tool, String state) {
    return counters.of(
        "runs", "Runs that have ended, by tool and terminal state", tool, "state", state);
  }

  /** A run has come to a terminal state, so long after it was accepted. */
  public void runEnded(String tool, String state, Duration whole, @Nullable TraceContext trace) {
    Counter ended = runs(tool, state);
    traces.during(
        trace,
        () -> {
          ended.increment();
          tool(tool).run().record(whole);
        });
  }

  /** An attempt at a run is over. */
  public void attempted(String tool, Phases took, @Nullable TraceContext trace) {
    ToolMeters meters = tool(tool);
    traces.during(
        trace,
        () -> {
          meters.queueWait().record(took.queueWait());
          record(meters.start(), took.start());
          record(meters.execution(), took.execution());
          record(meters.collection(), took.collection());
        });
  }

  private static void record(Timer timer, @Nullable Duration took) {
    if (took != null) {
      timer.record(took);
    }
  }

  /** A run ended, or was given up, in the queue; so long after it was accepted. */
  public void waitedInVain(String tool, Duration wait, @Nullable TraceContext trace) {
    traces.during(trace, () -> tool(tool).queueWait().record(wait));
  }

  /** Somebody waits for the answer for this run; ends with {@link #replied} or {@link #gone}. */
  public void awaited(RunId run) {
    replies.await(run);
  }

  /** A run is over, whether or not somebody waits for it here. */
  public void over(RunId run) {
    replies.over(run);
  }

  /**
   * The last of the answer for a run that was awaited is sent. Where the run is not over, or was
   * none because the result was there, nothing is recorded.
   */
  public @Nullable Duration replied(RunId run, String tool, @Nullable TraceContext trace) {
    Duration sinceEnd = replies.remove(run);
    if (sinceEnd != null) {
      traces.during(trace, () -> tool(tool).reply().record(sinceEnd));
    }
    return sinceEnd;
  }

  /** Nobody waits for the answer any more. */
  public void gone(RunId run) {
    replies.remove(run);
  }

  /**
   * A request was answered, or is over without a whole answer.
   *
   * @param route the template of its path, or {@link #UNKNOWN}
   * @param status of the answer, or a word for what there was instead
   */
  public void answered(
      String method, String route, String status, Duration took, @Nullable TraceContext trace) {
    traces.during(trace, () -> requests.timer(method, route, status).record(took));
  }

  /**
   * Counts hits of one tool on one route that are answered with 200 and without a run: to be given
   * the nanoseconds that each took. For those who answer a hundred thousand a second.
   */
  public LongConsumer hits(String tool, String method, String route) {
    ToolMeters meters = tool(tool);
    Timer timer = requests.timer(method, route, "200");
    return nanos -> {
      meters.demand().increment();
      meters.hits().increment();
      timer.record(nanos, TimeUnit.NANOSECONDS);
    };
  }

  /** A caller's script was looked through: {@code passed}, {@code warned} or {@code refused}. */
  public void scriptChecked(String tool, String verdict) {
    counters
        .of(
            "script.checks",
            "Callers' scripts that were checked, by tool and verdict",
            tool,
            "verdict",
            verdict)
        .increment();
  }

  public void outputBytes(String tool, String stream, long bytes) {
    ToolMeters meters = tool(tool);
    ("stdout".equals(stream) ? meters.stdout() : meters.stderr()).record((double) bytes);
  }

  /**
   * A result came from the cache; {@code level} is {@code local}, {@code cluster} or {@code
   * collapsed}.
   */
  public void cacheHit(String tool, String level) {
    ToolMeters meters = tool(tool);
    Counter hits =
        switch (level) {
          case "local" -> meters.hits();
          case "cluster" -> meters.clusterHits();
          default -> meters.collapsed();
        };
    hits.increment();
  }

  public void cacheMiss(String tool) {
    tool(tool).misses().increment();
  }

  /** A run's processes were ended by Stoker. */
  public void killed(String tool) {
    tool(tool).kills().increment();
  }

  /** Processes that had left their run's group and were found and killed. */
  public void strays(String tool, int count) {
    tool(tool).strays().increment(count);
  }

  /** A number that is asked for when somebody looks; it must not block. */
  public void gauge(About about, Supplier<Number> value) {
    gauge(about, Map.of(), value);
  }

  /** The same with labels. */
  public void gauge(About about, Map<String, String> labels, Supplier<Number> value) {
    own.gauge(about, labels, value);
  }

  /** Gauges of one name, whose labels come and go; it must not block. */
  public void gauges(
      About about, List<String> labels, Supplier<Map<List<String>, Double>> valuesByLabels) {
    synchronized (rows) {
      rows.add(new Rows(registry, about, labels, valuesByLabels));
    }
  }

  /** A number that only rises, asked of {@code source} when somebody looks; it must not block. */
  public <T> void count(About about, T source, ToDoubleFunction<T> value) {
    own.count(about, source, value);
  }

  /** A counter of the caller's, to be run for each. */
  public Runnable counter(About about) {
    return own.counter(about)::increment;
  }

  /** A histogram of the caller's, of short times. */
  public Consumer<Duration> times(About about) {
    return own.timer(about)::record;
  }

  /** All numbers, as of now; nothing where the registry is not Prometheus'. */
  public String told(Exposition as) {
    synchronized (rows) {
      if (platform == null) {
        // Not at the start, which these would make longer by a tenth.
        platform = new Platform(registry);
      }
      rows.forEach(Rows::refresh);
      return registry instanceof PrometheusMeterRegistry prometheus
          ? prometheus.scrape(as.contentType())
          : "";
    }
  }

  @Override
  public void close() {
    synchronized (rows) {
      if (platform != null) {
        platform.close();
      }
    }
    registry.close();
  }

  private ToolMeters tool(String name) {
    ToolMeters known = tools.get(name);
    return known != null
        ? known
        : tools.computeIfAbsent(name, tool -> ToolMeters.register(registry, tool));
  }
}
