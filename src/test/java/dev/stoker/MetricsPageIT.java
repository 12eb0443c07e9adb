package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.stoker.MetricsPage.Row;
import dev.stoker.Scrape.Family;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/metrics.md says what a node tells that has done a bit of everything: all, and no more. */
@Tag("patient")
class MetricsPageIT {
  private static final Path REPOSITORY =
      Path.of(System.getProperty("stoker.home", ".")).toAbsolutePath().normalize();

  @TempDir Path directory;

  @Test
  void shouldTellWhatThePageSaysWhenAlone() throws Exception {
    try (StokerProcess node = home().start();
        Http http = Http.of(node);
        Http management = new Http(node.management())) {
      use(http);

      compare(MetricsPage.read(), settled(management, false), false);
      shouldNameTracesAsExamples(http, management);
      shouldNotGrowByWhatCallersMakeUp(http, management);
    }
  }

  @Test
  void shouldTellWhatThePageSaysInACluster() throws Exception {
    StokerHome home = home().config("cluster: {name: page-" + ProcessHandle.current().pid() + "}");
    try (StokerProcess node = StokerProcess.start(home, List.of("--cluster"));
        Http http = Http.of(node);
        Http management = new Http(node.management())) {
      use(http);

      compare(MetricsPage.read(), settled(management, true), true);
    }
  }

  /** What is sampled is looked at every five seconds. */
  private static Scrape settled(Http management, boolean clustered) {
    return Scrape.parse(
        await()
            .atMost(Duration.ofSeconds(40))
            .until(() -> management.get("/metrics").text(), text -> isSettled(text, clustered)));
  }

  private static void shouldNotGrowByWhatCallersMakeUp(Http http, Http management) {
    Set<String> before = series(management);
    for (int i = 0; i < 1000; i++) {
      assertThat(http.run("no-tool-" + i).status()).isEqualTo(404);
      assertThat(http.get("/no/path/" + i).status()).isEqualTo(404);
    }
    for (int i = 0; i < 20; i++) {
      http.send("METHOD" + i, "/no/path/" + i, BodyPublishers.noBody());
    }

    assertThat(series(management)).isEqualTo(before);
    assertThat(management.get("/metrics").text())
        .contains("stoker_demand_total{tool=\"_unknown\"} 1001.0")
        .contains("stoker_refusals_total{code=\"tool_not_found\",tool=\"_unknown\"} 1001.0");
  }

  private static Set<String> series(Http management) {
    return management
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("stoker_"))
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** To whom likes OpenMetrics better, as Prometheus does. */
  private static void shouldNameTracesAsExamples(Http http, Http management) {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    http.run("traced", "traceparent", "00-" + trace + "-b7ad6b7169203331-01");
    String prometheus =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    for (String phase :
        List.of("http_request", "run", "queue_wait", "start", "execution", "collection", "reply")) {
      await()
          .untilAsserted(
              () ->
                  assertThat(management.get("/metrics", "Accept", prometheus).text().lines())
                      .filteredOn(line -> line.startsWith("stoker_" + phase + "_seconds_bucket"))
                      .anyMatch(line -> line.contains("trace_id=\"" + trace + "\"")));
    }
    Http.Answer open = management.get("/metrics", "Accept", prometheus);
    Http.Answer plain = management.get("/metrics", "Accept", "text/plain, */*;q=0.1");

    assertThat(open.header("Content-Type")).startsWith("application/openmetrics-text; version=1");
    assertThat(open.text()).endsWith("# EOF\n");
    assertThat(plain.header("Content-Type")).startsWith("text/plain; version=0.0.4");
    assertThat(plain.text()).doesNotContain(trace);
  }

  private static boolean isSettled(String text, boolean clustered) {
    return text.contains("stoker_workers{")
        && text.contains("stoker_warm_sandboxes{")
        && text.contains("stoker_bus_round_trip_seconds_count")
        && (!clustered || text.contains("stoker_cluster_map_entries{"));
  }

  private static void compare(MetricsPage page, Scrape scrape, boolean clustered) {
    Map<String, String> told = new TreeMap<>();
    Map<String, String> written = new TreeMap<>();
    SoftAssertions soft = new SoftAssertions();
    scrape
        .families()
        .forEach(
            (name, family) -> {
              if (page.hasFamilyOf(name) || isMaximum(name, scrape)) {
                return;
              }
              told.put(name, line(family.type(), family.labels().keySet()));
              soft.assertThat(family.help()).as("the help of %s", name).isNotBlank();
              Row row = page.rows().get(name);
              if (row != null && !row.where().equals("all")) {
                soft.assertThat(clustered).as("%s is told by a node that is alone", name).isTrue();
              }
            });
    page.rows()
        .forEach(
            (name, row) -> {
              if (row.where().equals("all") || (clustered && row.where().equals("cluster"))) {
                written.put(name, line(row.type(), row.labels()));
              }
            });
    soft.assertThat(told).isEqualTo(written);
    page.prefixes()
        .forEach(
            prefix ->
                soft.assertThat(scrape.families().keySet())
                    .as("families %s*", prefix)
                    .anyMatch(name -> name.startsWith(prefix)));
    soft.assertAll();
  }

  /** Each histogram and summary has one; the page says so once. */
  private static boolean isMaximum(String name, Scrape scrape) {
    Family of = scrape.families().get(name.replaceFirst("_max$", ""));
    return name.endsWith("_max")
        && of != null
        && Set.of("histogram", "summary").contains(of.type());
  }

  private static String line(String type, Set<String> labels) {
    return type + " " + new TreeSet<>(labels);
  }

  private StokerHome home() throws Exception {
    Path functions =
        Files.writeString(
            directory.resolve("functions.py"), "def call(*words): return ' '.join(words)\n");
    return new StokerHome(directory)
        .script("plain", "echo $1", "command: [@script@]", "cache: {ttl: 1h}")
        .script("fails", "exit 3")
        .script("traced", "echo")
        .script("warmed", "echo warm", "isolation: confined", "network: none", "pool: {warm: 1}")
        .tool(
            "name: checked",
            "isolation: none",
            "command: [sh, -s]",
            "stdin: required",
            "check: shell")
        .tool(
            "name: served",
            "isolation: none",
            "command: [f, {each: params.words, then: [\"${item}\"]}]",
            "parameters: {properties: {words: {type: array, items: {type: string}}}}",
            "worker:",
            "  protocol: bazel-json",
            "  command: [python3, "
                + REPOSITORY.resolve("lib/python/stoker_worker.py")
                + ", \""
                + functions
                + ":call\"]");
  }

  /** A bit of everything. */
  private static void use(Http http) {
    for (int i = 0; i < 3; i++) {
      assertThat(http.run("plain").run().state()).isEqualTo("succeeded");
    }
    assertThat(http.run("fails").run().state()).isEqualTo("failed");
    assertThat(http.run("warmed").run().state()).isEqualTo("succeeded");
    JsonObject words = new JsonObject().put("words", new JsonArray(List.of("a")));
    assertThat(http.run("served", words).run().state()).isEqualTo("succeeded");
    assertThat(
            http.post(
                    "/v1/tools/checked/runs",
                    BodyPublishers.ofString("echo hello"),
                    "Content-Type",
                    "application/octet-stream")
                .run()
                .state())
        .isEqualTo("succeeded");
    assertThat(http.run("nowhere").status()).isEqualTo(404);
    assertThat(http.get("/nothing/here").status()).isEqualTo(404);
    http.send("MADE-UP", "/nothing/here", BodyPublishers.noBody());
  }
}
