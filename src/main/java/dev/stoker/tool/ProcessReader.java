package dev.stoker.tool;

import dev.stoker.schema.Mistakes;
import dev.stoker.schema.Values;
import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Sharing;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys that say what a run's processes may have, and where they come from: isolation,
 * resources, pool, worker, module. Confined to one reading.
 */
final class ProcessReader {
  private static final int WARM_MAX = 64;
  private static final Duration WARM_AGE = Duration.ofMinutes(10);
  private static final int WORKERS_MAX = 64;
  private static final int USES = 1000;
  private static final int USES_MAX = 1_000_000;
  private static final Duration IDLE = Duration.ofMinutes(5);
  private static final Duration AGE_MAX = Duration.ofDays(1);
  private static final int MULTIPLEX_MAX = 64;
  private static final int READABLE_MAX = 64;

  private final CatalogSettings settings;
  private final Mistakes mistakes;
  private final Bounds bounds;

  ProcessReader(CatalogSettings settings, Mistakes mistakes) {
    this.settings = settings;
    this.mistakes = mistakes;
    this.bounds = new Bounds(mistakes);
  }

  List<String> readable(@Nullable List<@Nullable String> file) {
    List<String> paths = new ArrayList<>();
    for (String path : file == null ? List.<@Nullable String>of() : file) {
      String written = Objects.requireNonNullElse(path, "");
      if (!isAbsolute(written)) {
        mistakes.add(
            "readable[" + paths.size() + "]",
            Values.quoted(written) + " is not allowed; allowed: an absolute path without ..");
      }
      paths.add(written);
    }
    if (paths.size() > READABLE_MAX) {
      mistakes.add(
          "readable", "has " + paths.size() + " entries; allowed: at most " + READABLE_MAX);
    }
    return paths;
  }

  ToolDefinition.Resources resources(ToolFile.@Nullable Limits file) {
    if (file == null) {
      return new ToolDefinition.Resources(null, null, null, null, null, null);
    }
    CatalogSettings.Maxima maxima = settings.maxima();
    bounds.within(file.memory(), maxima.memory(), "limits.memory");
    bounds.within(file.cpu(), 0.01, maxima.cpu(), "limits.cpu");
    bounds.within(file.pids(), 1, maxima.pids(), "limits.pids");
    bounds.within(file.disk(), maxima.disk(), "limits.disk");
    bounds.within(file.openFiles(), 8, maxima.openFiles(), "limits.openFiles");
    bounds.within(file.fileSize(), maxima.fileSize(), "limits.fileSize");
    return new ToolDefinition.Resources(
        file.memory(), file.cpu(), file.pids(), file.disk(), file.openFiles(), file.fileSize());
  }

  ToolDefinition.@Nullable Pool pool(ToolFile file) {
    ToolFile.Pool pool = file.pool();
    if (pool == null) {
      return null;
    }
    if (pool.warm() == null) {
      mistakes.add("pool.warm", "must be given; allowed: 0 to " + WARM_MAX);
    }
    bounds.within(pool.warm(), 0, WARM_MAX, "pool.warm");
    int warm = pool.warm() == null ? 0 : pool.warm();
    return warm == 0
        ? null
        : new ToolDefinition.Pool(warm, age(pool.maxAge(), WARM_AGE, "pool.maxAge"));
  }

  /**
   * The section {@code worker}.
   *
   * @param parameters the tool's schema
   */
  ToolDefinition.@Nullable Worker worker(ToolFile file, JsonObject parameters) {
    ToolFile.Worker worker = file.worker();
    if (worker == null) {
      return null;
    }
    if (worker.protocol() == null) {
      mistakes.add("worker.protocol", "must be given; allowed: bazel-json");
    }
    if (file.pool() != null) {
      mistakes.add("worker", "excludes pool; allowed: one of the two");
    }
    new WorkerRules(mistakes).check(file, parameters);
    bounds.within(worker.max(), 1, WORKERS_MAX, "worker.max");
    bounds.within(worker.maxUses(), 1, USES_MAX, "worker.maxUses");
    bounds.within(worker.multiplex(), 1, MULTIPLEX_MAX, "worker.multiplex");
    return new ToolDefinition.Worker(
        ToolDefinition.Protocol.BAZEL_JSON,
        WorkerRules.command(worker),
        Objects.requireNonNullElse(worker.max(), 1),
        Objects.requireNonNullElse(worker.maxUses(), USES),
        age(worker.idle(), IDLE, "worker.idle"),
        Objects.requireNonNullElse(worker.multiplex(), 1),
        Boolean.TRUE.equals(worker.cancel()),
        Objects.requireNonNullElse(worker.sharing(), Sharing.PRINCIPAL));
  }

  @Nullable String module(ToolFile file, Isolation isolation) {
    String module = file.module();
    if (isolation != Isolation.FUNCTION) {
      if (module != null) {
        mistakes.add("module", "belongs to isolation: function; allowed: leave it out");
      }
      return null;
    }
    if (module == null || !isAbsolute(module)) {
      mistakes.add(
          "module",
          (module == null ? "must be given" : Values.quoted(module) + " is not allowed")
              + "; allowed: the absolute path of a WebAssembly module, without ..");
    }
    for (String key : List.of("pool", "worker")) {
      if ((key.equals("pool") ? file.pool() : file.worker()) != null) {
        mistakes.add(key, "does not go with isolation: function; allowed: leave it out");
      }
    }
    return module;
  }

  /** Whether runs are told their trace, in an environment that is theirs alone. */
  boolean trace(ToolFile file, Map<String, String> environment) {
    if (!Boolean.TRUE.equals(file.trace())) {
      return false;
    }
    if (file.worker() != null) {
      mistakes.add(
          "trace", "does not go with worker, whose environment is of no one run; allowed: false");
    }
    for (String name : List.of("TRACEPARENT", "TRACESTATE")) {
      if (environment.containsKey(name)) {
        mistakes.add("environment." + name, "is set by trace: true; allowed: leave it out");
      }
    }
    return true;
  }

  private Duration age(@Nullable Duration asked, Duration byDefault, String path) {
    return bounds.positive(asked, new CatalogSettings.Bound<>(byDefault, AGE_MAX), path);
  }

  private static boolean isAbsolute(String path) {
    return path.startsWith("/")
        && path.indexOf('\0') < 0
        && !List.of(path.split("/", -1)).contains("..");
  }
}
