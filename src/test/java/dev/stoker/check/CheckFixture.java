package dev.stoker.check;

import dev.stoker.check.CheckSettings.Policy;
import dev.stoker.check.Finding.Severity;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSettings;
import dev.stoker.process.ProcessSettings.EngineChoice;
import dev.stoker.run.ByteSize;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.tool.ToolDefinition;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A static check with the real analysers, and tools to check. */
final class CheckFixture implements AutoCloseable {
  private static final List<Path> SEARCH_PATH = List.of(Path.of("/usr/bin"), Path.of("/bin"));

  final ProcessRunner runner = ProcessRunner.open(new ProcessSettings(2, EngineChoice.AUTO));
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final StaticCheck check;

  CheckFixture(Path directory, UnaryOperator<CheckSettings> change) throws IOException {
    check = StaticCheck.open(change.apply(settings(directory)), runner::start, new Metrics(meters));
  }

  /** The shipped ones, with a time limit for a busy machine. */
  static CheckSettings settings(Path directory) {
    return new CheckSettings(
        Policy.REFUSE,
        Policy.WARN,
        Severity.ERROR,
        "shellcheck",
        "python3",
        SEARCH_PATH,
        directory,
        "test/check",
        Duration.ofSeconds(30),
        ByteSize.parse("1MiB"),
        2,
        64);
  }

  static ToolDefinition tool(String keys) {
    return Catalog.of(catalogSettings(), Map.of("probe.yaml", "name: probe\n" + keys))
        .find("probe")
        .orElseThrow()
        .definition();
  }

  private static CatalogSettings catalogSettings() {
    Bound<ByteSize> size = new Bound<>(ByteSize.parse("1MiB"), ByteSize.parse("1GiB"));
    Bound<Duration> time = new Bound<>(Duration.ofSeconds(60), Duration.ofHours(1));
    Bound<Integer> count = new Bound<>(4, 100);
    return new CatalogSettings(
        Path.of("/"),
        SEARCH_PATH,
        Duration.ofSeconds(1),
        time,
        time,
        count,
        count,
        size,
        size,
        size,
        size,
        time,
        CatalogSettings.Maxima.unbounded());
  }

  @Override
  public void close() {
    check.close();
    runner.close();
  }
}
