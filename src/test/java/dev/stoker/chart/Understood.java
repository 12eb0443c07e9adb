package dev.stoker.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.stoker.config.Configuration;
import dev.stoker.config.Overrides;
import dev.stoker.config.Overrides.Membership;
import dev.stoker.config.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** That Stoker's own reader takes the configuration, and takes it for what the chart means. */
final class Understood {
  private static final int PROCESSORS = 2;

  /** Of a member's share of the maps. */
  private static final Duration HAND_OVER = Duration.ofSeconds(30);

  private Understood() {}

  static void check(String set, Rendered rendered) {
    Settings settings = read(rendered);
    JsonNode pod = rendered.pod();
    Duration ends = settings.notice().plus(settings.drain());
    assertThat(Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").asLong()))
        .as("%s: grace, with time to kill what is left, and to leave", set)
        .isGreaterThanOrEqualTo(ends.plus(settings.catalog().grace().max()).plus(HAND_OVER));
    port(set, rendered, "http", settings.gateway().port());
    port(set, rendered, "management", settings.management().port());
    assertThat(settings.gateway().host()).as(set).isEqualTo("0.0.0.0");
    assertThat(settings.management().host()).as(set).isEqualTo("0.0.0.0");
    if (settings.cluster() != null) {
      port(set, rendered, "members", settings.cluster().port());
      port(set, rendered, "bus", settings.cluster().busPort());
      String service = rendered.one("StatefulSet").at("/spec/serviceName").asText();
      assertThat(settings.cluster().kubernetes().service() + settings.cluster().kubernetes().dns())
          .as(set)
          .isIn(service, service + ".tools.svc");
    }
  }

  /** As a pod reads it. */
  static Settings read(Rendered rendered) {
    boolean cluster = rendered.container().path("args").toString().contains("\"--cluster\"");
    try {
      Path file = Files.createTempFile("stoker", ".yaml");
      Files.writeString(file, rendered.configuration());
      Settings settings =
          new Configuration(Path.of("."), PROCESSORS, Map.of())
              .load(
                  new Overrides(
                      file,
                      null,
                      Path.of("target/chart-data"),
                      null,
                      null,
                      cluster ? Membership.CLUSTER : Membership.ALONE));
      Files.delete(file);
      return settings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void port(String set, Rendered rendered, String name, int port) {
    for (JsonNode one : rendered.container().path("ports")) {
      if (one.path("name").asText().equals(name)) {
        assertThat(one.path("containerPort").asInt()).as("%s: %s", set, name).isEqualTo(port);
        return;
      }
    }
    throw new AssertionError(set + ": no port " + name);
  }
}
