package dev.stoker.config;

import dev.stoker.blob.BlobSettings;
import dev.stoker.cache.CacheSettings;
import dev.stoker.config.Overrides.Membership;
import dev.stoker.config.Settings.Endpoint;
import dev.stoker.dispatch.DispatchSettings;
import dev.stoker.executor.ExecutorSettings;
import dev.stoker.gateway.GatewaySettings;
import dev.stoker.output.OutputSettings;
import dev.stoker.process.ProcessSettings;
import dev.stoker.run.ByteSize;
import dev.stoker.run.DurationText;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.yaml.YamlException;
import dev.stoker.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Reads the configuration. Stateless. */
public final class Configuration {
  private static final String DEFAULTS = "/stoker.yaml";
  private static final String CONVENTIONAL = "conf/stoker.yaml";
  private static final int SLOTS_PER_PROCESSOR = 4;
  private static final int SLOTS_MAX = 1024;
  private static final int SPAWN_THREADS_PER_PROCESSOR = 2;
  private static final int SPAWN_THREADS_MAX = 64;
  private static final int DISK_THREADS = 8;
  static final int PORT_MAX = 65535;
  private static final Duration CLOCK_SKEW_MAX = Duration.ofSeconds(10);
  private static final Duration NOTICE_MAX = Duration.ofMinutes(10);
  private static final Duration FLIGHT_END_MAX = Duration.ofMinutes(1);

  private final YamlReader yaml = new YamlReader();
  private final Path home;
  private final int processors;
  private final Map<String, String> environment;

  /**
   * @param home where Stoker is installed: {@code conf/} is looked for in the working directory and
   *     then there
   * @param processors of this machine
   * @param environment whose {@code STOKER_CLUSTER_*} and {@code OTEL_*} win over the file
   */
  public Configuration(Path home, int processors, Map<String, String> environment) {
    this.home = home;
    this.processors = processors;
    this.environment = Map.copyOf(environment);
  }

  /** Without an environment. */
  public Configuration(Path home, int processors) {
    this(home, processors, Map.of());
  }

  /**
   * Everything's settings.
   *
   * @throws ConfigurationException naming file, key and what is allowed
   */
  public Settings load(Overrides overrides) {
    checkPort("--port", overrides.port());
    checkPort("--management-port", overrides.managementPort());
    return from(overrides, this::settings);
  }

  private <T> T from(Overrides overrides, BiFunction<StokerFile, Overrides, T> reading) {
    Path file = overrides.config();
    Path source = file == null ? located(CONVENTIONAL) : file;
    StokerFile given = file == null ? conventional() : read(file);
    try {
      return reading.apply(given, overrides);
    } catch (ConfigurationException e) {
      throw new ConfigurationException(source + ": " + e.getMessage(), e);
    }
  }

  /**
   * What shows what this machine can do for a catalog, without a server. Touches no data directory.
   *
   * @param scratch where analysers have their work directories
   * @throws ConfigurationException naming file, key and what is allowed
   */
  public Inspection inspection(Overrides overrides, Path scratch) {
    return from(
        overrides,
        (file, over) ->
            new Inspection(
                catalog(file, over),
                IsolationSection.settings(file, "tools-" + ProcessHandle.current().pid()),
                CheckSection.settings(file, scratch, "stoker-tools/check"),
                processes(file)));
  }

  private StokerFile conventional() {
    Path conventional = located(CONVENTIONAL);
    return Files.exists(conventional) ? read(conventional) : defaults();
  }

  private StokerFile read(Path file) {
    try {
      return Overlay.over(defaults(), yaml.read(file, StokerFile.class));
    } catch (YamlException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()), e);
    }
  }

  private StokerFile defaults() {
    try (InputStream in = Configuration.class.getResourceAsStream(DEFAULTS)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + DEFAULTS);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return yaml.readText("defaults", text, StokerFile.class);
    } catch (IOException e) {
      throw new IllegalStateException("the jar's " + DEFAULTS + " cannot be read", e);
    }
  }

  private Settings settings(StokerFile file, Overrides overrides) {
    Path data = absolute(overrides.data() == null ? Path.of(file.data()) : overrides.data());
    int slots = slots(file);
    int queue = within("node.queue", file.node().queue(), 0, 1_000_000);
    String node = NodeName.of(file.node().name(), data);
    return new Settings(
        data,
        node,
        atMost("node.notice", file.node().notice(), NOTICE_MAX),
        positive("node.drain", file.node().drain()),
        positive("housekeeping.every", file.housekeeping().every()),
        gateway(file.http(), overrides.port()),
        endpoint(
            "management",
            file.management().host(),
            file.management().port(),
            overrides.managementPort()),
        cache(file),
        catalog(file, overrides),
        IsolationSection.settings(file, node),
        CheckSection.settings(file, data.resolve("check"), node + "/check"),
        processes(file),
        new OutputSettings(
            data.resolve("spool"),
            atMost("output.memory", file.output().memory(), ByteSize.parse("1MiB")),
            atMost("output.window", file.output().window(), ByteSize.parse("64MiB"))),
        new BlobSettings(data.resolve("blobs"), file.blobs().maxSize(), file.blobs().maxAge()),
        LedgerSection.settings(data.resolve("ledger"), file.ledger(), System::getenv),
        new ExecutorSettings(
            slots,
            data.resolve("work"),
            positive("process.drain", file.process().drain()),
            DISK_THREADS,
            IsolationSection.diskDefault(file.limits())),
        new DispatchSettings(slots, queue, Duration.ofSeconds(1)),
        overrides.membership() == Membership.CLUSTER
            ? new ClusterSection(environment, this::located).settings(file.cluster())
            : null,
        TelemetrySection.traces(file.telemetry().traces(), environment),
        log(file.log()),
        AuditSection.settings(data, file.audit()));
  }

  private static LogSettings log(StokerFile.Log log) {
    return new LogSettings(log.format(), log.level(), log.runs(), log.requests());
  }

  private ProcessSettings processes(StokerFile file) {
    return new ProcessSettings(
        orAutomatic(
            "process.spawnThreads",
            file.process().spawnThreads(),
            SPAWN_THREADS_MAX,
            Math.min(SPAWN_THREADS_MAX, SPAWN_THREADS_PER_PROCESSOR * processors)),
        file.process().engine());
  }

  private static GatewaySettings gateway(StokerFile.Http http, @Nullable Integer port) {
    Endpoint endpoint = endpoint("http", http.host(), http.port(), port);
    return new GatewaySettings(
        endpoint.host(),
        endpoint.port(),
        within("http.connections", http.connections(), 1, 1_000_000),
        atMost("http.headerBytes", http.headerBytes(), ByteSize.parse("1MiB")),
        atMost("http.uriBytes", http.uriBytes(), ByteSize.parse("1MiB")),
        atMost("http.jsonBody", http.jsonBody(), ByteSize.parse("256MiB")),
        http.stdin(),
        http.blob(),
        positive("http.idle", http.idle()),
        positive("http.stall", http.stall()),
        positive("http.waitMax", http.waitMax()),
        positive("http.heartbeat", http.heartbeat()),
        within("http.followers", http.followers(), 1, 1_000_000),
        new GatewaySettings.Memo(http.memoRequest(), http.memo()),
        EdgeSection.settings(http));
  }

  private static CacheSettings cache(StokerFile file) {
    StokerFile.Cache cache = file.cache();
    StokerFile.Limits limits = file.limits();
    return new CacheSettings(
        cache.maxSize(),
        cache.clusterMaxSize(),
        atMost("cache.clockSkew", cache.clockSkew(), CLOCK_SKEW_MAX),
        // As long as a run may take, and then some for its end to be noticed.
        limits.timeout().max().plus(limits.grace().max()).plus(FLIGHT_END_MAX));
  }

  private CatalogSettings catalog(StokerFile file, Overrides overrides) {
    Path directory =
        overrides.catalog() == null
            ? located(file.catalog().directory())
            : absolute(overrides.catalog());
    int slots = slots(file);
    StokerFile.Limits limits = file.limits();
    StokerFile.Count perNode = limits.perNode();
    return new CatalogSettings(
        directory,
        file.catalog().searchPath().stream().map(Path::of).toList(),
        positive("catalog.watch", file.catalog().watch()),
        time("timeout", limits.timeout()),
        time("grace", limits.grace()),
        new Bound<>(
            perNode.byDefault() == 0 ? slots : perNode.byDefault(),
            within("limits.perNode.max", perNode.max(), 1, SLOTS_MAX)),
        new Bound<>(
            within("limits.queue.default", limits.queue().byDefault(), 0, limits.queue().max()),
            limits.queue().max()),
        size("stdout", limits.stdout()),
        size("stderr", limits.stderr()),
        size("inputSize", limits.inputSize()),
        size("outputSize", limits.outputSize()),
        time("cacheTtl", limits.cacheTtl()),
        IsolationSection.maxima(limits));
  }

  private int slots(StokerFile file) {
    int automatic = Math.min(SLOTS_MAX, SLOTS_PER_PROCESSOR * processors);
    return orAutomatic("node.slots", file.node().slots(), SLOTS_MAX, automatic);
  }

  private Path located(String relative) {
    Path here = absolute(Path.of(relative));
    return Files.exists(here) ? here : home.resolve(relative);
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private static Endpoint endpoint(
      String section, String host, Integer port, @Nullable Integer given) {
    int chosen = given == null ? port : given;
    return new Endpoint(host, within(section + ".port", chosen, 0, PORT_MAX));
  }

  private static void checkPort(String option, @Nullable Integer port) {
    if (port != null) {
      within(option, port, 0, PORT_MAX);
    }
  }

  private static int orAutomatic(String key, int value, int max, int automatic) {
    return within(key, value, 0, max) == 0 ? automatic : value;
  }

  static int within(String key, int value, int min, int max) {
    if (value < min || value > max) {
      throw new ConfigurationException(
          key + ": " + value + " is not allowed; allowed: " + min + " to " + max);
    }
    return value;
  }

  static Duration positive(String key, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new ConfigurationException(
          key + ": " + DurationText.format(value) + " is not allowed; allowed: more than 0ms");
    }
    return value;
  }

  private static Duration atMost(String key, Duration value, Duration max) {
    if (value.isNegative() || value.compareTo(max) > 0) {
      throw new ConfigurationException(
          key
              + ": "
              + DurationText.format(value)
              + " is not allowed; allowed: 0ms to "
              + DurationText.format(max));
    }
    return value;
  }

  static ByteSize atMost(String key, ByteSize value, ByteSize max) {
    if (value.bytes() < 1 || value.bytes() > max.bytes()) {
      throw new ConfigurationException(
          key + ": " + value + " is not allowed; allowed: 1B to " + max);
    }
    return value;
  }

  private static Bound<Duration> time(String key, StokerFile.Time limit) {
    if (limit.byDefault().compareTo(limit.max()) > 0) {
      throw new ConfigurationException(
          "limits."
              + key
              + ".default: "
              + DurationText.format(limit.byDefault())
              + " is more than limits."
              + key
              + ".max, "
              + DurationText.format(limit.max()));
    }
    return new Bound<>(limit.byDefault(), limit.max());
  }

  static Bound<ByteSize> size(String key, StokerFile.Size limit) {
    if (limit.byDefault().bytes() > limit.max().bytes()) {
      throw new ConfigurationException(
          "limits."
              + key
              + ".default: "
              + limit.byDefault()
              + " is more than limits."
              + key
              + ".max, "
              + limit.max());
    }
    return new Bound<>(limit.byDefault(), limit.max());
  }
}
