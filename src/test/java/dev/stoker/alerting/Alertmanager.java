package dev.stoker.alerting;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.stoker.Http;
import dev.stoker.StokerProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Alertmanager with the shipped routes and inhibitions. Time runs faster, and each receiver is a
 * webhook of the {@link Pager}; all else is what is shipped. Closing ends it.
 */
final class Alertmanager implements AutoCloseable {
  private static final int PORT = 9093;

  private final StokerProcess process;
  private final Http http;
  private final String target;

  Alertmanager(Path directory, String address, int times, Pager pager) throws IOException {
    configure(directory, times, pager);
    target = address + ":" + PORT;
    http = new Http(URI.create("http://" + target));
    process =
        Daemon.start(
            "prometheus-alertmanager",
            directory,
            address,
            PORT,
            List.of(
                "--config.file=" + directory.resolve("alertmanager.yaml"),
                "--storage.path=" + directory.resolve("alertmanager"),
                "--cluster.listen-address="));
  }

  /** Where Prometheus finds it. */
  String target() {
    return target;
  }

  /** Tells it of an alert that rings now. */
  void tell(Map<String, String> labels) {
    JsonObject alert = new JsonObject().put("labels", new JsonObject(Map.copyOf(labels)));
    Http.Answer answer =
        http.post(
            "/api/v2/alerts",
            BodyPublishers.ofString(new JsonArray().add(alert).encode()),
            "Content-Type",
            "application/json");
    if (answer.status() != 200) {
      throw new IllegalStateException(answer.text());
    }
  }

  /** What rings and is not told, because something else was: labels of alerts. */
  List<Map<String, Object>> inhibited() {
    return alerts()
        .filter(alert -> !alert.getJsonObject("status").getJsonArray("inhibitedBy").isEmpty())
        .map(alert -> alert.getJsonObject("labels").getMap())
        .toList();
  }

  /** How many alerts ring. */
  int size() {
    return (int) alerts().count();
  }

  @Override
  public void close() {
    http.close();
    process.close();
  }

  private Stream<JsonObject> alerts() {
    return new JsonArray(http.get("/api/v2/alerts").text()).stream().map(JsonObject.class::cast);
  }

  private static void configure(Path directory, int times, Pager pager) throws IOException {
    Files.copy(Shipped.CONF.resolve("alertmanager.tmpl"), directory.resolve("alertmanager.tmpl"));
    String shipped = Files.readString(Shipped.ALERTMANAGER);
    JsonNode configuration = Shipped.YAML.readTree(Time.faster(shipped, times));
    for (JsonNode each : configuration.path("receivers")) {
      String name = each.path("name").asText();
      ObjectNode receiver = ((ObjectNode) each).removeAll();
      receiver.put("name", name);
      receiver.putArray("webhook_configs").addObject().put("url", pager.address(name));
    }
    Shipped.write(directory.resolve("alertmanager.yaml"), configuration);
  }
}
