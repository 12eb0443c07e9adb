package dev.stoker.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.config.Settings;
import dev.stoker.run.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chart as helm sees it: linted, rendered for every switch, refused where it makes no sense.
 */
@Tag("patient")
class ChartIT {
  @TempDir static Path directory;
  private static Helm helm;

  @BeforeAll
  static void fetch() throws IOException {
    helm = Helm.fetch(Files.createDirectory(directory.resolve("programs")));
  }

  private static Map<String, Rendered> renderedSets() {
    Map<String, String> sets = new LinkedHashMap<>(ValueSets.alone());
    sets.putAll(ValueSets.together());
    Map<String, Rendered> rendered = new LinkedHashMap<>();
    sets.forEach((name, set) -> rendered.put(name, helm.template("--set=" + set)));
    return rendered;
  }

  @Test
  void shouldBeWithoutALintersComplaint() {
    for (String set : List.of("defaults", "alone", "zones", "tools", "keda", "monitoring")) {
      Helm.Said said = helm.lint("--set=" + ValueSets.alone().get(set));

      assertThat(said.exitCode()).as("%s: %s", set, said).isZero();
      assertThat(said.output()).doesNotContain("[WARNING]", "[ERROR]");
    }
  }

  @Test
  void shouldMakeWhatTheSchemasAllowForEverySwitch() {
    Map<String, Rendered> sets = renderedSets();
    List<JsonNode> all = new ArrayList<>();
    sets.values().forEach(rendered -> all.addAll(rendered.manifests()));

    List<String> mistakes = new Manifests(helm, directory.resolve("models")).mistakes(all);

    assertThat(mistakes).isEmpty();
    assertThat(sets).hasSizeGreaterThan(50);
    sets.forEach(
        (name, rendered) -> {
          Coherence.check(name, rendered);
          Understood.check(name, rendered);
        });
  }

  /** Or the test above would prove nothing. */
  @Test
  void shouldFindMistakesInManifestsThatHaveSome() {
    JsonNode unknown =
        Rendered.yaml(
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {portz: [{port: 1}]}}");
    JsonNode missing =
        Rendered.yaml("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: b}, spec: {}}");
    JsonNode custom =
        Rendered.yaml(
            "{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: c}, spec:"
                + " {pollingIntervall: 3, scaleTargetRef: {name: s}, triggers: []}}");

    List<String> mistakes =
        new Manifests(helm, directory.resolve("others"))
            .mistakes(List.of(unknown, missing, custom));

    assertThat(mistakes)
        .anyMatch(one -> one.contains("portz"))
        .anyMatch(one -> one.contains("StatefulSet b") && one.contains("selector"))
        .anyMatch(one -> one.contains("nobody knows spec.pollingIntervall"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          replicas=0                                  | '/replicas': minimum: got 0, want 1
          replicas=three                              | '/replicas': got string, want integer
          replicaCount=3                              | additional properties 'replicaCount' not allowed
          node.drain=soon                             | '/node/drain': 'soon' does not match pattern
          node.notice=11m                             | '/node/notice': '11m' does not match pattern
          node.slot=4                                 | '/node': additional properties 'slot' not allowed
          log.format=xml                              | '/log/format': value must be one of 'json', 'plain'
          cluster.discovery=multicast                 | '/cluster/discovery': value must be one of 'dns', 'api'
          image.digest=latest                         | '/image/digest': 'latest' does not match pattern
          podSecurity.uid=0                           | '/podSecurity/uid': minimum: got 0, want 1
          podSecurity.seccomp=Unconfined              | '/podSecurity/seccomp': value must be one of
          podSecurity.seccomp=Localhost               | '/podSecurity/localhostProfile': minLength
          postgresql.enabled=true                     | '/postgresql/host': minLength
          ingress.enabled=true                        | '/ingress/hosts': minItems
          httpRoute.enabled=true                      | '/httpRoute/parentRefs': minItems
          autoscaling.type=keda                       | '/autoscaling/keda/serverAddress': minLength
          autoscaling.type=vpa                        | '/autoscaling/type': value must be one of
          persistence.size=much                       | '/persistence/size': 'much' does not match pattern
          config.Http.port=1                          | invalid propertyName 'Http'
          topologySpread.zones=Maybe                  | '/topologySpread/zones': value must be one of
          service.type=ExternalName                   | '/service/type': value must be one of
          networkPolicy.httpFrom[0].podSelektor.a=b   | additional properties 'podSelektor' not allowed
          cluster.enabled=false                       | cluster.enabled: false is for one node
          cluster.minimumMembers=4                    | cluster.minimumMembers: 4 is more than there are nodes, 3
          cluster.zoneAware=true                      | set cluster.discovery to api
          cluster.zoneAware=true,cluster.discovery=api | set topologySpread.zones to DoNotSchedule
          autoscaling.type=hpa,autoscaling.maxReplicas=9 | without PostgreSQL a majority of maxReplicas
          autoscaling.type=hpa,autoscaling.minReplicas=9 | autoscaling.minReplicas: 9 is more than
          postgresql.enabled=true,postgresql.host=db  | postgresql: give existingSecret, or user and password
          config.node.slots=3                         | config.node.slots: the chart has to know it: set node.slots
          podDisruptionBudget.maxUnavailable=3        | 3 of 3 nodes may not go at once
          config.node.queue=0                         | config.node.queue: the chart has to know it: set node.queue
          config.cluster.port=1                       | config.cluster.port: the chart has to know it: it is as the Service has it
          config.cluster.busPort=0                    | config.cluster.busPort: the chart has to know it
          config.cluster.minimumMembers=1             | config.cluster.minimumMembers: the chart has to know it: set cluster.minimumMembers
          config.cluster.discovery=list               | config.cluster.discovery: the chart has to know it: set cluster.discovery
          config.cluster.kubernetes.dns=a             | config.cluster.kubernetes: the chart has to know it: set cluster.discovery
          config.cluster.secret=s                     | config.cluster.secret: the chart has to know it: set cluster.secret.existingSecret
          config.ledger.url=jdbc:postgresql://db/s    | config.ledger.url: the chart has to know it: set postgresql
          config.ledger.user=u                        | config.ledger.user: the chart has to know it: set postgresql.existingSecret
          config.ledger.password=p                    | config.ledger.password: the chart has to know it: set postgresql.existingSecret
          config.telemetry.traces.endpoint=http://c   | config.telemetry.traces.endpoint: the chart has to know it: set otlp.endpoint
          config.log.level=debug                      | config.log.level: the chart has to know it: set log.level
          service.nodePort=30080                      | service.nodePort: a Service of type ClusterIP has none
          service.externalTrafficPolicy=Local         | service.externalTrafficPolicy: a Service of type ClusterIP has none
          node.slots=5                                | 6Gi do not hold a heap of 1536 Mi (javaOpts) and 5 runs of 1GiB
          javaOpts=-Xms1g -Xmx3g                      | 6Gi do not hold a heap of 3072 Mi (javaOpts) and 4 runs of 1GiB
          javaOpts=-XX:MaxRAMPercentage=40            | 6Gi do not hold a heap of 2457 Mi (javaOpts) and 4 runs of 1GiB
          resources.limits.memory=4G                  | 4G do not hold a heap of 953 Mi (javaOpts) and 4 runs of 1GiB
          config.limits.memory.default=1.5GiB         | and 4 runs of 1.5GiB (node.slots, config.limits.memory.default), together 7680 Mi
          """)
  void shouldRefuseWithTheValueAndWhatIsAllowed(String set, String message) {
    Helm.Said said = helm.templateSaid("--set=" + set);

    assertThat(said.exitCode()).isNotZero();
    assertThat(said.output()).isEmpty();
    assertThat(said.errors()).contains(message);
  }

  @Test
  void shouldRingByTheShippedRulesAndLinkToTheOperatorsPages() throws IOException {
    String set = ValueSets.alone().get("monitoring");
    String shipped = Files.readString(Path.of("conf/alerts.yaml"));

    Rendered rendered = helm.template("--set=" + set);

    assertThat(rendered.one("PrometheusRule").path("spec"))
        .isEqualTo(
            Rendered.yaml(
                shipped.replace("https://stoker.example/runbooks/", "https://wiki/stoker/")));
    JsonNode dashboards = rendered.named("ConfigMap", "media-stoker-dashboard").path("data");
    try (Stream<Path> files = Files.list(Path.of("conf/grafana"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".json")).toList()) {
        assertThat(Rendered.yaml(dashboards.path(file.getFileName().toString()).asText()))
            .isEqualTo(Rendered.yaml(Files.readString(file)));
      }
    }
  }

  /** What the chart asks Prometheus for is what a node exports. */
  @Test
  void shouldScaleByMetricsThatThereAre() throws IOException {
    String documented =
        Files.readString(Path.of("docs/operations.md"))
            + (Files.exists(Path.of("docs/metrics.md"))
                ? Files.readString(Path.of("docs/metrics.md"))
                : "");
    Pattern name = Pattern.compile("stoker_[a-z_]+");
    List<String> used = new ArrayList<>();
    for (String set : List.of("hpa", "keda")) {
      Rendered rendered = helm.template("--set=" + ValueSets.alone().get(set));
      for (String kind : List.of("HorizontalPodAutoscaler", "ScaledObject")) {
        rendered
            .all(kind)
            .forEach(
                one -> name.matcher(one.toString()).results().forEach(m -> used.add(m.group())));
      }
    }

    assertThat(used)
        .contains("stoker_slots_used", "stoker_queue_depth", "stoker_refusals_total")
        .allMatch(documented::contains);
  }

  /** By Stoker's own reader, and the rule of docs/kubernetes.md. */
  @Test
  void shouldPromiseNoMoreMemoryThanThereIs() {
    Rendered rendered = helm.template();

    Settings settings = Understood.read(rendered);

    String heap = rendered.variable("STOKER_JAVA_OPTS").path("value").asText();
    assertThat(heap).isEqualTo("-XX:MaxRAMPercentage=25");
    long limit = ByteSize.parse("6GiB").bytes();
    assertThat(rendered.container().at("/resources/limits/memory").asText()).isEqualTo("6Gi");
    assertThat(rendered.container().at("/resources/requests/memory").asText()).isEqualTo("6Gi");
    long runs =
        settings.executor().slots()
            * Objects.requireNonNull(settings.sandbox().defaults().memory()).bytes();
    assertThat(limit / 4 + runs + ByteSize.parse("512MiB").bytes())
        .as("heap, runs, and what the JVM has beside its heap")
        .isLessThanOrEqualTo(limit);
  }

  /** KEDA takes over what it finds by name, and only when it is told to. */
  @Test
  void shouldHaveOneAutoscalerWhenTheKindIsSwitched() {
    JsonNode hpa =
        helm.template("--set=" + ValueSets.alone().get("hpa")).one("HorizontalPodAutoscaler");
    JsonNode keda = helm.template("--set=" + ValueSets.alone().get("keda")).one("ScaledObject");

    assertThat(keda.at("/spec/advanced/horizontalPodAutoscalerConfig/name"))
        .isEqualTo(hpa.at("/metadata/name"));
    assertThat(
            keda.at("/metadata/annotations/scaledobject.keda.sh~1transfer-hpa-ownership").asText())
        .isEqualTo("true");
  }

  /** Neither a node that is not seen, nor none at all, is one that has nothing to do. */
  @Test
  void shouldScaleInByNumbersOnly() {
    Rendered rendered = helm.template("--set=" + ValueSets.alone().get("keda"));

    JsonNode triggers = rendered.one("ScaledObject").at("/spec/triggers");
    assertThat(triggers).hasSize(3);
    assertThat(triggers)
        .allMatch(one -> one.at("/metadata/ignoreNullValues").asText().equals("false"));
    assertThat(triggers.path(2).at("/metadata/query").asText()).endsWith(" or vector(0)");
  }

  /** By promtool: the value over the threshold, rounded up, is how many nodes there are to be. */
  @Test
  void shouldAskForMoreNodesThanThereAreWhenCommandsAreRefused() throws IOException {
    Rendered rendered =
        helm.template(
            "--set="
                + ValueSets.alone().get("keda")
                + ",autoscaling.keda.refusalsPerSecond=2,autoscaling.maxReplicas=5");
    JsonNode triggers = rendered.one("ScaledObject").at("/spec/triggers");
    Path cases = Path.of("src/test/resources/chart/triggers.yaml");
    String text = Files.readString(cases);
    for (JsonNode trigger : triggers) {
      text =
          text.replace(
              "$" + trigger.path("name").asText().toUpperCase(Locale.ROOT),
              trigger.at("/metadata/query").asText());
    }
    Path file = Files.writeString(directory.resolve("triggers.yaml"), text);

    Helm.Said said = helm.run(List.of("promtool", "test", "rules", file.toString()));

    assertThat(triggers.path(2).at("/metadata/threshold").asText()).isEqualTo("2");
    assertThat(said.exitCode()).as("%s", said).isZero();
    assertThat(said.output()).contains("SUCCESS");
  }

  /** They are in the environment, which nobody reads again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster.secret.value",
        "postgresql.enabled=true,postgresql.host=d,postgresql.password=p,postgresql.user",
        "postgresql.enabled=true,postgresql.host=d,postgresql.user=u,postgresql.password"
      })
  void shouldRestartPodsForANewSecretOfItsOwn(String value) {
    assertThat(checksum(value + "=one"))
        .isEqualTo(checksum(value + "=one"))
        .isNotEqualTo(checksum(value + "=two"));
  }

  @Test
  void shouldRestartNothingForASecretThatIsNotUsed() {
    String others = "cluster.secret.existingSecret=s,cluster.secret.value=";

    assertThat(checksum(others + "one")).isEqualTo(checksum(others + "two"));
  }

  private static String checksum(String set) {
    return helm.template("--set=" + set)
        .one("StatefulSet")
        .at("/spec/template/metadata/annotations/checksum~1configuration")
        .asText();
  }

  @Test
  void shouldSayHowToSendAFirstCommand() {
    Helm.Said said =
        helm.helm(
            List.of(
                "install",
                Helm.RELEASE,
                Helm.CHART.toString(),
                "-n",
                Helm.NAMESPACE,
                "--dry-run=client"));

    assertThat(said.orFail().output())
        .contains("port-forward service/media-stoker 8080:80", "curl -s http://127.0.0.1:8080/v1/");
  }
}
