package dev.stoker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.trace.TraceSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TelemetrySectionTest {
  private static final String ENDPOINT = "http://collector:4318";

  @Test
  void shouldRecordNothingUnlessACollectorIsNamed() {
    assertThat(traces("", 1, Map.of())).isNull();
  }

  @ParameterizedTest
  @CsvSource({"OTEL_SDK_DISABLED, true", "OTEL_SDK_DISABLED, TRUE", "OTEL_TRACES_EXPORTER, none"})
  void shouldRecordNothingWhereTheEnvironmentSaysSo(String variable, String value) {
    assertThat(traces(ENDPOINT, 1, Map.of(variable, value))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {ENDPOINT, ENDPOINT + "/"})
  void shouldPutTheSignalsPathBehindTheEndpoint(String endpoint) {
    assertThat(on(endpoint, Map.of()).endpoint()).isEqualTo(URI.create(ENDPOINT + "/v1/traces"));
  }

  @Test
  void shouldLetTheEnvironmentWin() {
    String base = "OTEL_EXPORTER_OTLP_ENDPOINT";
    String whole = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    assertThat(on(ENDPOINT, Map.of(base, "http://other")).endpoint())
        .isEqualTo(URI.create("http://other/v1/traces"));
    assertThat(on("", Map.of(base, "http://other", whole, "https://third/x")).endpoint())
        .isEqualTo(URI.create("https://third/x"));
  }

  @Test
  void shouldReadHeadersAndResourceOfTheEnvironmentAndHideTheFormer() {
    TraceSettings settings =
        on(
            ENDPOINT,
            Map.of(
                "OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20secret+%0A, other = b=c ",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "other=d",
                "OTEL_RESOURCE_ATTRIBUTES", "service.name=jobs,deployment.environment.name=test"));

    assertThat(settings.headers()).isEqualTo(Map.of("api-key", "a secret+", "other", "d"));
    assertThat(settings.resource()).containsEntry("deployment.environment.name", "test");
    assertThat(settings.service()).isEqualTo("jobs");
    assertThat(settings.toString()).doesNotContain("secret");
    assertThat(on(ENDPOINT, Map.of("OTEL_SERVICE_NAME", "mine")).service()).isEqualTo("mine");
    assertThat(on(ENDPOINT, Map.of()).service()).isEqualTo("stoker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"collector:4318", "ftp://a", "http:///x", "http://u:secret@a", "a b"})
  void shouldRefuseWhatIsNoEndpointWithoutShowingIt(String endpoint) {
    assertThatThrownBy(() -> traces(endpoint, 1, Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("telemetry.traces.endpoint is not allowed; allowed: a URL")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void shouldRefuseWhatIsNoRatio(double ratio) {
    assertThatThrownBy(() -> traces(ENDPOINT, ratio, Map.of()))
        .hasMessageContaining("telemetry.traces.ratio")
        .hasMessageContaining("0 to 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret", "=secret", "a=%zzsecret"})
  void shouldRefuseHeadersThatAreNonWithoutShowingThem(String headers) {
    assertThatThrownBy(() -> traces(ENDPOINT, 1, Map.of("OTEL_EXPORTER_OTLP_HEADERS", headers)))
        .hasMessageStartingWith("OTEL_EXPORTER_OTLP_HEADERS is not allowed")
        .hasMessageNotContaining("secret");
  }

  private static TraceSettings on(String endpoint, Map<String, String> environment) {
    return Objects.requireNonNull(traces(endpoint, 0.5, environment));
  }

  private static @Nullable TraceSettings traces(
      String endpoint, double ratio, Map<String, String> environment) {
    return TelemetrySection.traces(
        new StokerFile.Traces(
            endpoint,
            ratio,
            "",
            100,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(3)),
        environment);
  }
}
