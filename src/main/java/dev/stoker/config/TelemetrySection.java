package dev.stoker.config;

import dev.stoker.trace.TraceSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code telemetry:} section, and what OpenTelemetry's own variables say in its place.
 * Stateless.
 *
 * <p>The variables are those of the specification (SDK environment variables, OTLP exporter).
 */
final class TelemetrySection {
  private static final String KEY = "telemetry.traces.";
  private static final String SIGNAL_PATH = "/v1/traces";
  private static final int QUEUE_MAX = 1_000_000;
  private static final Duration FLUSH_MAX = Duration.ofMinutes(1);

  private TelemetrySection() {}

  /** Null: no spans are recorded. */
  static @Nullable TraceSettings traces(StokerFile.Traces file, Map<String, String> environment) {
    URI endpoint = endpoint(file.endpoint(), environment);
    if (endpoint == null) {
      return null;
    }
    double ratio = file.ratio();
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new ConfigurationException(
          KEY + "ratio: " + ratio + " is not allowed; allowed: 0 to 1");
    }
    Duration flush = file.flush();
    if (flush.isNegative() || flush.compareTo(FLUSH_MAX) > 0) {
      throw new ConfigurationException(
          KEY + "flush: " + flush + " is not allowed; allowed: 0 to 1m");
    }
    Map<String, String> headers = pairs(environment, "OTEL_EXPORTER_OTLP_HEADERS");
    headers.putAll(pairs(environment, "OTEL_EXPORTER_OTLP_TRACES_HEADERS"));
    Map<String, String> resource = pairs(environment, "OTEL_RESOURCE_ATTRIBUTES");
    String service = environment.getOrDefault("OTEL_SERVICE_NAME", "");
    return new TraceSettings(
        endpoint,
        ratio,
        headers,
        file.headersFile().isEmpty() ? null : Path.of(file.headersFile()).toAbsolutePath(),
        Configuration.within(KEY + "queue", file.queue(), 1, QUEUE_MAX),
        Configuration.positive(KEY + "every", file.every()),
        Configuration.positive(KEY + "timeout", file.timeout()),
        flush,
        service.isEmpty() ? resource.getOrDefault("service.name", "stoker") : service,
        resource);
  }

  private static @Nullable URI endpoint(String written, Map<String, String> environment) {
    if ("true".equalsIgnoreCase(environment.get("OTEL_SDK_DISABLED"))
        || "none".equalsIgnoreCase(environment.get("OTEL_TRACES_EXPORTER"))) {
      return null;
    }
    String whole = environment.getOrDefault("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "");
    if (!whole.isEmpty()) {
      return uri("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", whole);
    }
    String base = environment.getOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT", "");
    if (!base.isEmpty()) {
      return uri("OTEL_EXPORTER_OTLP_ENDPOINT", withPath(base));
    }
    return written.isEmpty() ? null : uri(KEY + "endpoint", withPath(written));
  }

  private static String withPath(String base) {
    return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + SIGNAL_PATH;
  }

  private static URI uri(String key, String text) {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https"))
          && uri.getHost() != null
          && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below, for this and all else that it may not be.
    }
    // Not the value: a password may be in it.
    throw new ConfigurationException(
        key + " is not allowed; allowed: a URL such as http://collector.example:4318, or empty");
  }

  /** {@code name=value,name=value}, the values percent-encoded. */
  private static Map<String, String> pairs(Map<String, String> environment, String variable) {
    Map<String, String> pairs = new HashMap<>();
    for (String pair : environment.getOrDefault(variable, "").split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(
            pair.substring(0, equals).strip(),
            decoded(variable, pair.substring(equals + 1).strip()).strip());
      } else if (!pair.isBlank()) {
        throw notPairs(variable);
      }
    }
    return pairs;
  }

  private static String decoded(String variable, String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw notPairs(variable);
    }
  }

  private static ConfigurationException notPairs(String variable) {
    return new ConfigurationException(
        variable + " is not allowed; allowed: name=value,name=value, percent-encoded");
  }
}
