package dev.stoker.alerting;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stoker.Http;
import dev.stoker.StokerProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prometheus and Alertmanager with the shipped files, on an address of their own. Closing ends
 * both.
 *
 * <p>Of the files three things are other: time runs faster ({@link Time#faster}), the addresses are
 * those of the test, and each receiver is a webhook of the test's {@link Pager}. The names of the
 * nodes, the rules, routes, waits and inhibitions are what is shipped.
 */
final class Watch implements AutoCloseable {
  private static final int PORT = 9090;

  private final Alertmanager alertmanager;
  private final StokerProcess prometheus;
  private final Http metrics;

  Watch(Path directory, String address, int times, List<String> targets, Pager pager)
      throws IOException {
    Files.createDirectories(directory);
    alertmanager = new Alertmanager(directory, address, times, pager);
    metrics = new Http(URI.create("http://" + address + ":" + PORT));
    try {
      prometheus = start(directory, address, times, targets);
    } catch (IOException | RuntimeException | AssertionError e) {
      alertmanager.close();
      throw e;
    }
  }

  /** The value of an expression that has one. */
  OptionalDouble query(String expression) {
    JsonArray result = vector(expression);
    return result.size() == 1
        ? OptionalDouble.of(
            Double.parseDouble(result.getJsonObject(0).getJsonArray("value").getString(1)))
        : OptionalDouble.empty();
  }

  /** What rings now by Prometheus' word: names of alerts. */
  List<String> firing() {
    return objects(metrics.get("/api/v1/alerts").json().getJsonObject("data"), "alerts")
        .filter(alert -> alert.getString("state").equals("firing"))
        .map(alert -> alert.getJsonObject("labels").getString("alertname"))
        .toList();
  }

  /** What has rung at all in the last while, however short: names of alerts. */
  Set<String> everFired(Duration last) {
    String expression =
        "count by (alertname) (last_over_time(ALERTS{alertstate=\"firing\"}[%ds]))"
            .formatted(last.toSeconds());
    return vector(expression).stream()
        .map(JsonObject.class::cast)
        .map(series -> series.getJsonObject("metric").getString("alertname"))
        .collect(Collectors.toSet());
  }

  /** What rings and is not told, because something else was: names of alerts. */
  List<Object> inhibited() {
    return alertmanager.inhibited().stream().map(labels -> labels.get("alertname")).toList();
  }

  @Override
  public void close() {
    metrics.close();
    prometheus.close();
    alertmanager.close();
  }

  private JsonArray vector(String expression) {
    String escaped = URLEncoder.encode(expression, StandardCharsets.UTF_8);
    return metrics
        .get("/api/v1/query?query=" + escaped)
        .json()
        .getJsonObject("data")
        .getJsonArray("result");
  }

  private static Stream<JsonObject> objects(JsonObject holder, String key) {
    return holder.getJsonArray(key).stream().map(JsonObject.class::cast);
  }

  private StokerProcess start(Path directory, String address, int times, List<String> targets)
      throws IOException {
    String rules = Files.readString(Shipped.RULES);
    Files.writeString(directory.resolve("alerts.yaml"), Time.faster(rules, times));
    String shipped = Files.readString(Shipped.CONF.resolve("prometheus.yaml"));
    JsonNode configuration = Shipped.YAML.readTree(Time.faster(shipped, times));
    retarget(configuration.at("/alerting/alertmanagers/0/static_configs/0"), alertmanager.target());
    JsonNode nodes = configuration.at("/scrape_configs/0/static_configs");
    for (int i = 0; i < targets.size(); i++) {
      retarget(nodes.path(i), targets.get(i));
    }
    Shipped.write(directory.resolve("prometheus.yaml"), configuration);
    // What is not said again for so long is over: five minutes, as Prometheus has it by itself.
    long lookback = Duration.ofMinutes(5).dividedBy(times).toMillis();
    return Daemon.start(
        "prometheus",
        directory,
        address,
        PORT,
        List.of(
            "--config.file=" + directory.resolve("prometheus.yaml"),
            "--storage.tsdb.path=" + directory.resolve("prometheus"),
            "--query.lookback-delta=" + lookback + "ms"));
  }

  private static void retarget(JsonNode scraped, String target) {
    ((ObjectNode) scraped).putArray("targets").add(target);
  }
}
