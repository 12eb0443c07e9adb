package dev.stoker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
        "node: {name: 'a b'}            | node.name: 'a b' is not allowed",
        "output: {memory: 2MiB}         | output.memory: 2MiB is not allowed; allowed: 1B to 1MiB",
        "cache: {maxSize: much}         | cache.maxSize",
        "cache: {clockSkew: 11s}        | cache.clockSkew: 11s is not allowed; allowed: 0ms to 10s",
        "process: {engine: magic}       | process.engine",
        "limits: {timeout: {max: 1s}}   | limits.timeout.default: 1m is more than",
        "limits: {stdout: {max: 1KiB}}  | limits.stdout.default: 1MiB is more than",
        "process: {spawnThreads: 65}    | process.spawnThreads: 65 is not allowed",
      })
  void shouldNameTheKeyAndWhatIsAllowed(String text, String message) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(message);
  }

  private Settings load(String text) throws IOException {
    return configuration()
        .load(new Overrides(file(text), null, directory.resolve("data"), null, null));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("stoker.yaml"), text);
  }

  private Configuration configuration() {
    return new Configuration(directory, 2);
  }
}
