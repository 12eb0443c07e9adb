package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stoker.Http;
import dev.stoker.StokerProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private static final Duration READY_MAX = Duration.ofSeconds(30);
  private static final int PROMETHEUS_PORT = 9090;
  private static final int ALERTMANAGER_PORT = 9093;

  private final StokerProcess prometheus;
  private final StokerProcess alertmanager;
  private final Http metrics;
  private final Http alerts;

  Watch(Path directory, String address, int times, List<String> targets, Pager pager)
      throws IOException {
    configure(Files.createDirectories(directory), address, times, targets, pager);
    alertmanager =
        launch(
            directory,
            "prometheus-alertmanager",
            "--config.file=" + directory.resolve("alertmanager.yaml"),
            "--storage.path=" + directory.resolve("alertmanager"),
            "--web.listen-address=" + address + ":" + ALERTMANAGER_PORT,
            "--cluster.listen-address=");
    // What is not said again for so long is over: five minutes, as Prometheus has it by itself.
    long lookback = Duration.ofMinutes(5).dividedBy(times).toMillis();
    prometheus =
        launch(
            directory,
            "prometheus",
            "--config.file=" + directory.resolve("prometheus.yaml"),
            "--storage.tsdb.path=" + directory.resolve("prometheus"),
            "--web.listen-address=" + address + ":" + PROMETHEUS_PORT,
            "--query.lookback-delta=" + lookback + "ms");
    metrics = new Http(URI.create("http://" + address + ":" + PROMETHEUS_PORT));
    alerts = new Http(URI.create("http://" + address + ":" + ALERTMANAGER_PORT));
    try {
      awaitReady(alertmanager, address, ALERTMANAGER_PORT);
      awaitReady(prometheus, address, PROMETHEUS_PORT);
    } catch (RuntimeException e) {
      close();
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

  /** What has rung at all, however short: names of alerts. */
  Set<String> everFired() {
    String expression = "count by (alertname) (last_over_time(ALERTS{alertstate=\"firing\"}[10m]))";
    return vector(expression).stream()
        .map(JsonObject.class::cast)
        .map(series -> series.getJsonObject("metric").getString("alertname"))
        .collect(Collectors.toSet());
  }

  /** What rings and is not told, because something else was. */
  List<String> inhibited() {
    JsonArray all = new JsonArray(alerts.get("/api/v2/alerts").text());
    return objects(new JsonObject().put("all", all), "all")
        .filter(alert -> !alert.getJsonObject("status").getJsonArray("inhibitedBy").isEmpty())
        .map(alert -> alert.getJsonObject("labels").getString("alertname"))
        .toList();
  }

  @Override
  public void close() {
    metrics.close();
    alerts.close();
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

  private static void configure(
      Path directory, String address, int times, List<String> targets, Pager pager)
      throws IOException {
    String rules = Files.readString(Shipped.RULES);
    Files.writeString(directory.resolve("alerts.yaml"), Time.faster(rules, times));
    Files.copy(Shipped.CONF.resolve("alertmanager.tmpl"), directory.resolve("alertmanager.tmpl"));

    ObjectNode prometheus = (ObjectNode) faster(Shipped.CONF.resolve("prometheus.yaml"), times);
    retarget(prometheus.at("/alerting/alertmanagers/0/static_configs/0"), alertmanager(address));
    JsonNode nodes = prometheus.at("/scrape_configs/0/static_configs");
    for (int i = 0; i < targets.size(); i++) {
      retarget(nodes.path(i), targets.get(i));
    }
    Shipped.write(directory.resolve("prometheus.yaml"), prometheus);

    ObjectNode alertmanager = (ObjectNode) faster(Shipped.ALERTMANAGER, times);
    for (JsonNode each : alertmanager.path("receivers")) {
      String name = each.path("name").asText();
      ObjectNode receiver = ((ObjectNode) each).removeAll();
      receiver.put("name", name);
      receiver.putArray("webhook_configs").addObject().put("url", pager.address(name));
    }
    Shipped.write(directory.resolve("alertmanager.yaml"), alertmanager);
  }

  private static String alertmanager(String address) {
    return address + ":" + ALERTMANAGER_PORT;
  }

  private static void retarget(JsonNode scraped, String target) {
    ((ObjectNode) scraped).putArray("targets").add(target);
  }

  private static JsonNode faster(Path file, int times) throws IOException {
    return Shipped.YAML.readTree(Time.faster(Files.readString(file), times));
  }

  private static StokerProcess launch(Path directory, String... command) {
    try {
      return StokerProcess.launch(
          new ProcessBuilder(command),
          directory.resolve(command[0] + ".out"),
          directory.resolve(command[0] + ".err"));
    } catch (UncheckedIOException e) {
      throw new IllegalStateException(
          "this test needs " + command[0] + ": install Debian's " + command[0], e);
    }
  }

  private static void awaitReady(StokerProcess process, String address, int port) {
    await()
        .atMost(READY_MAX)
        .failFast(() -> assertThat(process.isAlive()).as(process.errors()).isTrue())
        .until(() -> Watched.answers(address, port));
  }
}
