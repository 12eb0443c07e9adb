package dev.stoker.tool;

import dev.stoker.run.DurationText;
import dev.stoker.schema.Mistakes;
import dev.stoker.schema.Values;
import dev.stoker.tool.ToolDefinition.OnExceed;
import dev.stoker.tool.ToolDefinition.RetryOn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the keys that bound a run: time, numbers, sizes, retries. Confined to one reading. */
final class SectionReader {
  private static final int ATTEMPTS_MAX = 10;
  private static final Pattern SCOPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9:._-]{0,62}");

  private final CatalogSettings settings;
  private final Mistakes mistakes;
  private final Bounds bounds;

  SectionReader(CatalogSettings settings, Mistakes mistakes) {
    this.settings = settings;
    this.mistakes = mistakes;
    this.bounds = new Bounds(mistakes);
  }

  ToolDefinition.Timeout timeout(ToolFile.@Nullable Timeout file) {
    CatalogSettings.Bound<Duration> bound = settings.timeout();
    if (file == null) {
      return new ToolDefinition.Timeout(bound.byDefault(), bound.max());
    }
    Duration max =
        file.max() == null ? bound.max() : bounds.positive(file.max(), bound, "timeout.max");
    Duration byDefault =
        file.byDefault() == null
            ? shorter(bound.byDefault(), max)
            : bounds.positive(file.byDefault(), bound, "timeout.default");
    if (file.max() != null && byDefault.compareTo(max) > 0) {
      mistakes.add(
          "timeout.default",
          DurationText.format(byDefault)
              + " is more than timeout.max; allowed: at most "
              + DurationText.format(max));
    }
    return new ToolDefinition.Timeout(byDefault, max);
  }

  Duration grace(@Nullable Duration file) {
    return bounds.duration(file, settings.grace(), "grace");
  }

  ToolDefinition.Concurrency concurrency(ToolFile.@Nullable Concurrency file) {
    Integer cluster = file == null ? null : file.cluster();
    int perNode =
        bounds.count(
            file == null ? null : file.perNode(), 1, settings.perNode(), "concurrency.perNode");
    int queue =
        bounds.count(file == null ? null : file.queue(), 0, settings.queue(), "concurrency.queue");
    bounds.atLeast(cluster, 1, "concurrency.cluster");
    return new ToolDefinition.Concurrency(
        cluster == null ? perNode : Math.min(perNode, cluster),
        cluster == null ? 0 : cluster,
        queue);
  }

  ToolDefinition.Limits limits(ToolFile.@Nullable Limits file) {
    if (file == null) {
      return new ToolDefinition.Limits(
          settings.stdout().byDefault(), settings.stderr().byDefault(), OnExceed.KILL);
    }
    return new ToolDefinition.Limits(
        bounds.size(file.stdout(), settings.stdout(), "limits.stdout"),
        bounds.size(file.stderr(), settings.stderr(), "limits.stderr"),
        file.onExceed() == null ? OnExceed.KILL : file.onExceed());
  }

  ToolDefinition.@Nullable Cache cache(ToolFile.@Nullable Cache file) {
    return file == null
        ? null
        : new ToolDefinition.Cache(bounds.positive(file.ttl(), settings.cacheTtl(), "cache.ttl"));
  }

  ToolDefinition.Retry retry(ToolFile.@Nullable Retry file) {
    if (file == null) {
      return new ToolDefinition.Retry(1, List.of());
    }
    int attempts = file.attempts() == null ? 0 : file.attempts();
    if (attempts < 1 || attempts > ATTEMPTS_MAX) {
      mistakes.add(
          "retry.attempts",
          (file.attempts() == null ? "must be given" : attempts + " is not allowed")
              + "; allowed: 1 (never again) to "
              + ATTEMPTS_MAX);
    }
    List<RetryOn> on =
        file.on() == null
            ? List.of(RetryOn.LOST)
            : file.on().stream().filter(Objects::nonNull).toList();
    return new ToolDefinition.Retry(attempts, on);
  }

  /** The scopes that are asked for. */
  static List<String> scopes(@Nullable List<@Nullable String> file, Mistakes mistakes) {
    List<String> scopes = new ArrayList<>();
    for (String scope : file == null ? List.<@Nullable String>of() : file) {
      String written = Objects.requireNonNullElse(scope, "");
      if (!SCOPE.matcher(written).matches()) {
        mistakes.add(
            "scopes[" + scopes.size() + "]",
            Values.quoted(written)
                + " is not a scope; allowed: letters, digits and : . _ -, at most 63");
      }
      scopes.add(written);
    }
    return scopes;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
