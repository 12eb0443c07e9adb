package dev.stoker.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** HTTP requests by method, route and status. Thread-safe. */
final class Requests {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT");

  private final MeterRegistry registry;
  private final Map<Answered, Timer> timers = new ConcurrentHashMap<>();

  private record Answered(String method, String route, String status) {}

  Requests(MeterRegistry registry) {
    this.registry = registry;
  }

  Timer timer(String method, String route, String status) {
    Answered answered =
        new Answered(METHODS.contains(method) ? method : Metrics.UNKNOWN, route, status);
    Timer known = timers.get(answered);
    return known != null ? known : timers.computeIfAbsent(answered, this::register);
  }

  private Timer register(Answered answered) {
    return Timer.builder("stoker.http.request")
        .description("From a request's head to the last of its answer sent")
        .tag("method", answered.method())
        .tag("route", answered.route())
        .tag("status", answered.status())
        .serviceLevelObjectives(Buckets.brief())
        .register(registry);
  }
}
