package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus' own tool reads what is shipped for it, and runs every alert. */
@Tag("patient")
class PromtoolIT {
  @TempDir Path directory;

  @Test
  void shouldFindNoMistakeInTheRules() {
    assertThat(
            Program.PROMTOOL.run(directory, "check", "rules", Shipped.RULES.toString()).succeeded())
        .contains("rules found");
  }

  @Test
  void shouldUnderstandWhatRunbooksAsk() {
    List<String> queries = Shipped.runbookQueries();
    Path file = Shipped.recording(directory.resolve("queries.yaml"), queries);

    assertThat(Program.PROMTOOL.run(directory, "check", "rules", file.toString()).succeeded())
        .contains(queries.size() + " rules found");
  }

  @Test
  void shouldRingWhenItMustNotJustBelowAndNoLonger() {
    List<String> arguments = new ArrayList<>(List.of("test", "rules"));
    for (Path file : Shipped.cases()) {
      Path completed = directory.resolve(file.getFileName().toString());
      arguments.add(Shipped.write(completed, Cases.complete(file)).toString());
    }

    Program.Said said = Program.PROMTOOL.run(directory, arguments.toArray(String[]::new));

    assertThat(said.succeeded().lines().filter(line -> line.strip().equals("SUCCESS")))
        .hasSize(Shipped.cases().size());
  }

  @Test
  void shouldFindNoMistakeInTheConfiguration() {
    Path file = Shipped.CONF.resolve("prometheus.yaml");

    assertThat(Program.PROMTOOL.run(directory, "check", "config", file.toString()).succeeded())
        .contains("1 rule files found")
        .contains("is valid prometheus config file syntax");
  }

  /**
   * Debian's Prometheus is built without Kubernetes, so pods are told to it by a file, with the
   * labels that its discovery would give them.
   */
  @Test
  void shouldNameANodeByItsPod() throws IOException {
    ObjectNode configuration =
        (ObjectNode) Shipped.yaml(Shipped.CONF.resolve("prometheus-kubernetes.yaml"));
    ObjectNode job = (ObjectNode) configuration.path("scrape_configs").path(0);
    assertThat(job.remove("kubernetes_sd_configs").toString()).isEqualTo("[{\"role\":\"pod\"}]");
    Path pods = directory.resolve("pods.json");
    job.putArray("file_sd_configs").addObject().putArray("files").add(pods.toString());
    configuration.putArray("rule_files").add(Shipped.RULES.toString());
    Path file = Shipped.write(directory.resolve("prometheus.yaml"), configuration);
    Files.writeString(
        pods,
        new JsonArray()
            .add(pod("stoker-0", "stoker", "http", "Running"))
            .add(pod("stoker-0", "stoker", "management", "Running"))
            .add(pod("stoker-1", "stoker", "management", "Succeeded"))
            .add(pod("other-0", "other", "management", "Running"))
            .encode());

    String said =
        Program.PROMTOOL
            .run(directory, "check", "service-discovery", "--timeout=2s", file.toString(), "stoker")
            .succeeded();

    // Its log follows what it found.
    JsonArray found =
        new JsonArray(
            said.substring(0, said.lastIndexOf(']') + 1).replaceAll("(?m)^level=.*$", ""));
    List<JsonObject> targets =
        IntStream.range(0, found.size())
            .mapToObj(i -> found.getJsonObject(i).getJsonObject("labels"))
            .filter(labels -> labels != null && labels.containsKey("instance"))
            .toList();
    assertThat(targets).hasSize(1);
    assertThat(targets.getFirst().getMap())
        .containsEntry("job", "stoker")
        .containsEntry("instance", "stoker-0")
        .containsEntry("pod", "stoker-0")
        .containsEntry("cluster", "media-a")
        .containsEntry("namespace", "media")
        .containsEntry("machine", "worker-3")
        .containsEntry("__address__", "10.0.0.4:8081");
  }

  private static JsonObject pod(String name, String application, String port, String phase) {
    String pod = "__meta_kubernetes_pod_";
    return new JsonObject()
        .put(
            "targets", new JsonArray().add(port.equals("http") ? "10.0.0.4:8080" : "10.0.0.4:8081"))
        .put(
            "labels",
            new JsonObject()
                .put(pod + "name", name)
                .put(pod + "label_app_kubernetes_io_name", application)
                .put(pod + "label_app_kubernetes_io_instance", "media-a")
                .put(pod + "container_port_name", port)
                .put(pod + "phase", phase)
                .put(pod + "node_name", "worker-3")
                .put("__meta_kubernetes_namespace", "media"));
  }
}
