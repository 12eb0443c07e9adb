package dev.stoker.config;

import dev.stoker.cluster.ClusterSettings;
import dev.stoker.cluster.ClusterSettings.Discovery;
import dev.stoker.cluster.ClusterSettings.Kubernetes;
import dev.stoker.run.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code cluster}, with the environment over it: containers are told by variables.
 *
 * @param environment as the process has it
 * @param locate finds a file in the working directory, or in Stoker's home
 */
record ClusterSection(Map<String, String> environment, Function<String, Path> locate) {
  private static final String PREFIX = "STOKER_CLUSTER_";
  private static final int MEMBERS_MAX = 1000;
  private static final Duration BEAT_MAX = Duration.ofMinutes(1);

  ClusterSettings settings(StokerFile.Cluster file) {
    Duration heartbeat = seconds("cluster.heartbeat", file.heartbeat());
    Duration silence = seconds("cluster.silence", file.silence());
    if (silence.compareTo(heartbeat) < 0) {
      throw new ConfigurationException(
          "cluster.silence: "
              + DurationText.format(silence)
              + " is not allowed; allowed: cluster.heartbeat, "
              + DurationText.format(heartbeat)
              + ", or more");
    }
    return new ClusterSettings(
        locate.apply(text("FILE", file.file())),
        text("NAME", file.name()),
        text("SECRET", file.secret()),
        text("BIND", file.bind()),
        number("PORT", "cluster.port", file.port(), 0, Configuration.PORT_MAX),
        number("BUS_PORT", "cluster.busPort", file.busPort(), 0, Configuration.PORT_MAX),
        list("MEMBERS", file.members()),
        discovery(file.discovery()),
        new Kubernetes(
            text("KUBERNETES_DNS", file.kubernetes().dns()),
            text("KUBERNETES_NAMESPACE", file.kubernetes().namespace()),
            text("KUBERNETES_SERVICE", file.kubernetes().service())),
        number("MINIMUM_MEMBERS", "cluster.minimumMembers", file.minimumMembers(), 1, MEMBERS_MAX),
        heartbeat,
        silence);
  }

  /** Hazelcast counts them in seconds. */
  private static Duration seconds(String key, Duration value) {
    if (value.toMillis() % 1000 != 0
        || value.compareTo(Duration.ofSeconds(1)) < 0
        || value.compareTo(BEAT_MAX) > 0) {
      throw new ConfigurationException(
          key
              + ": "
              + DurationText.format(value)
              + " is not allowed; allowed: whole seconds, 1s to 1m");
    }
    return value;
  }

  private @Nullable String given(String name) {
    String value = environment.get(PREFIX + name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  private String text(String name, String file) {
    String given = given(name);
    return given == null ? file : given;
  }

  private List<String> list(String name, List<String> file) {
    String given = given(name);
    return given == null
        ? file
        : Arrays.stream(given.split(",", -1)).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  private int number(String name, String key, int file, int min, int max) {
    String given = given(name);
    if (given == null) {
      return Configuration.within(key, file, min, max);
    }
    try {
      return Configuration.within(PREFIX + name, Integer.parseInt(given), min, max);
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          PREFIX + name + ": '" + given + "' is not a whole number", e);
    }
  }

  private Discovery discovery(Discovery file) {
    String given = given("DISCOVERY");
    if (given == null) {
      return file;
    }
    return switch (given.toLowerCase(Locale.ROOT)) {
      case "list" -> Discovery.LIST;
      case "kubernetes" -> Discovery.KUBERNETES;
      default ->
          throw new ConfigurationException(
              PREFIX + "DISCOVERY: '" + given + "' is not allowed; allowed: list, kubernetes");
    };
  }
}
