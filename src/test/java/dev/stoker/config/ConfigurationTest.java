package dev.stoker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.cluster.ClusterSettings;
import dev.stoker.config.Overrides.Membership;
import dev.stoker.run.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  @TempDir Path directory;

  @Test
  void shouldHaveADefaultForEveryKey() throws IOException {
    Settings settings = load("{}");

    assertThat(settings.gateway().host()).isEqualTo("127.0.0.1");
    assertThat(settings.gateway().port()).isEqualTo(8080);
    assertThat(settings.management().port()).isEqualTo(8081);
    assertThat(settings.executor().slots()).isEqualTo(8);
    assertThat(settings.catalog().timeout().byDefault()).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void shouldLayAFileOverTheDefaultsKeyByKey() throws IOException {
    Settings settings =
        load(
            """
            node: {slots: 3}
            limits: {stdout: {default: 2MiB}}
            """);

    assertThat(settings.executor().slots()).isEqualTo(3);
    assertThat(settings.dispatch().slots()).isEqualTo(3);
    assertThat(settings.dispatch().queue()).isEqualTo(1000);
    assertThat(settings.catalog().stdout().byDefault()).isEqualTo(ByteSize.parse("2MiB"));
    assertThat(settings.catalog().stdout().max()).isEqualTo(ByteSize.parse("1GiB"));
  }

  @Test
  void shouldLetTheCommandLineWin() throws IOException {
    Path file = file("http: {port: 1}");
    Path data = directory.resolve("elsewhere");

    Settings settings = configuration().load(new Overrides(file, directory, data, 2, 3));

    assertThat(settings.gateway().port()).isEqualTo(2);
    assertThat(settings.management().port()).isEqualTo(3);
    assertThat(settings.data()).isEqualTo(data);
    assertThat(settings.catalog().directory()).isEqualTo(directory);
  }

  @Test
  void shouldKeepANodesNameWithItsData() throws IOException {
    String first = load("node: {name: alpha}").node();

    assertThat(first).matches("alpha-[a-z]{4}");
    assertThat(load("node: {name: alpha}").node()).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prot: 1                        | prot",
        "http: {prot: 1}                | http.prot",
        "http: {port: 70000}            | http.port: 70000 is not allowed; allowed: 0 to 65535",
        "http: {port: high}             | http.port",
        "http: {idle: 0s}               | http.idle: 0ms is not allowed",
        "node: {slots: -1}              | node.slots: -1 is not allowed; allowed: 0 to 1024",
        "node: {notice: 11m}            | node.notice: 11m is not allowed; allowed: 0ms to 10m",
        "node: {name: 'a b'}            | node.name: 'a b' is not allowed",
        "output: {memory: 2MiB}         | output.memory: 2MiB is not allowed; allowed: 1B to 1MiB",
        "cache: {maxSize: much}         | cache.maxSize",
        "cache: {clockSkew: 11s}        | cache.clockSkew: 11s is not allowed; allowed: 0ms to 10s",
        "process: {engine: magic}       | process.engine",
        "limits: {timeout: {max: 1s}}   | limits.timeout.default: 1m is more than",
        "limits: {stdout: {max: 1KiB}}  | limits.stdout.default: 1MiB is more than",
        "process: {spawnThreads: 65}    | process.spawnThreads: 65 is not allowed",
        "cluster: {silence: 1500ms}     | cluster.silence: 1500ms is not allowed; allowed: whole",
        "cluster: {heartbeat: 2m}       | cluster.heartbeat: 2m is not allowed; allowed: whole",
        "cluster: {heartbeat: 4s}       | cluster.silence: 3s is not allowed; allowed: cluster.heart",
        "cluster: {minimumMembers: 0}   | cluster.minimumMembers: 0 is not allowed; allowed: 1 to",
        "cluster: {port: 65536}         | cluster.port: 65536 is not allowed; allowed: 0 to 65535",
        "cluster: {discovery: luck}     | cluster.discovery",
        "log: {format: xml}             | log.format",
        "log: {runs: some}              | log.runs",
        "audit: {maxSize: 1KiB}         | audit.maxSize: 1KiB is not allowed; allowed: from 4KiB",
        "audit: {keep: 0}               | audit.keep: 0 is not allowed; allowed: 1 to 10000",
        "audit: {waitingMax: 0}         | audit.waitingMax: 0 is not allowed; allowed: 1 to",
        "audit: {enabled: false, required: true} | audit.required: true is not allowed",
        "http: {trustedProxies: [me]}   | http.trustedProxies: 'me' is not allowed; allowed: an address",
        "http: {tls: {key: a.pem}}      | http.tls.certificate is missing; both are needed",
        "http: {tls: {certificate: a}}  | http.tls.key is missing; both are needed",
        "http: {tls: {clientAuthorities: a}} | http.tls.clientAuthorities is not allowed without",
      })
  void shouldNameTheKeyAndWhatIsAllowed(String text, String message) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldBeAloneUnlessTold() throws IOException {
    Settings settings =
        configuration()
            .load(new Overrides(file("{}"), null, directory.resolve("data"), null, null));

    assertThat(settings.cluster()).isNull();
  }

  @Test
  void shouldLetTheEnvironmentWinOverTheCluster() throws IOException {
    Map<String, String> environment =
        Map.of(
            "STOKER_CLUSTER_NAME", "media",
            "STOKER_CLUSTER_SECRET", "hush",
            "STOKER_CLUSTER_MEMBERS", "10.0.0.1, 10.0.0.2:5702",
            "STOKER_CLUSTER_DISCOVERY", "Kubernetes",
            "STOKER_CLUSTER_MINIMUM_MEMBERS", "2",
            "STOKER_CLUSTER_PORT", "");

    ClusterSettings cluster =
        Objects.requireNonNull(
            load("cluster: {name: other, port: 7000, bind: 10.0.0.1}", environment).cluster());

    assertThat(cluster.name()).isEqualTo("media");
    assertThat(cluster.members()).containsExactly("10.0.0.1", "10.0.0.2:5702");
    assertThat(cluster.discovery()).isEqualTo(ClusterSettings.Discovery.KUBERNETES);
    assertThat(cluster.minimumMembers()).isEqualTo(2);
    assertThat(cluster.port()).isEqualTo(7000);
    assertThat(cluster.bind()).isEqualTo("10.0.0.1");
    assertThat(cluster.silence()).isEqualTo(Duration.ofSeconds(3));
    assertThat(cluster.toString()).doesNotContain("hush");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "STOKER_CLUSTER_MINIMUM_MEMBERS | two   | STOKER_CLUSTER_MINIMUM_MEMBERS: 'two' is not a",
        "STOKER_CLUSTER_MINIMUM_MEMBERS | 0     | STOKER_CLUSTER_MINIMUM_MEMBERS: 0 is not allowed",
        "STOKER_CLUSTER_BUS_PORT        | 65536 | STOKER_CLUSTER_BUS_PORT: 65536 is not allowed",
        "STOKER_CLUSTER_DISCOVERY       | luck  | STOKER_CLUSTER_DISCOVERY: 'luck' is not allowed",
      })
  void shouldNameTheVariableAndWhatIsAllowed(String name, String value, String message) {
    assertThatThrownBy(() -> load("{}", Map.of(name, value)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(message);
  }

  private Settings load(String text) throws IOException {
    return load(text, Map.of());
  }

  private Settings load(String text, Map<String, String> environment) throws IOException {
    return new Configuration(directory, 2, environment)
        .load(
            new Overrides(
                file(text), null, directory.resolve("data"), null, null, Membership.CLUSTER));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("stoker.yaml"), text);
  }

  private Configuration configuration() {
    return new Configuration(directory, 2);
  }
}
