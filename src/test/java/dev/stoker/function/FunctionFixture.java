package dev.stoker.function;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StdinSource;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Principal;
import dev.stoker.sandbox.Launch;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.tool.Tool;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Functions, and tools for them whose parameters are the module's arguments. */
final class FunctionFixture implements AutoCloseable {
  static final Resources NO_LIMITS = new Resources(null, null, null, null, null, null);

  final Functions functions;
  private final Path directory;
  private final AtomicInteger number = new AtomicInteger();

  FunctionFixture(Path directory, int threads, String heap) {
    this.directory = directory;
    this.functions = Functions.open(new FunctionSettings(threads, ByteSize.parse(heap), NO_LIMITS));
  }

  /** A tool of a module; {@code keys} are further lines of its file. */
  Tool tool(Path module, String... keys) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "name: f", "command: [f]", "isolation: function", "module: " + module.toString()));
    lines.addAll(List.of(keys));
    return Catalog.of(
            settings(directory), functions, Map.of("f.yaml", String.join("\n", lines) + "\n"))
        .find("f")
        .orElseThrow();
  }

  Path work() {
    try {
      return Files.createDirectory(directory.resolve("work-" + number.incrementAndGet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Heard run(Tool tool, String... arguments) {
    return run(tool, work(), new StdinSource.Empty(), arguments);
  }

  Heard run(Tool tool, Path work, StdinSource stdin, String... arguments) {
    Heard heard = new Heard();
    start(heard, tool, work, stdin, arguments);
    return heard.awaitEnd();
  }

  RunningProcess start(ProcessListener listener, Tool tool, String... arguments) {
    return start(listener, tool, work(), new StdinSource.Empty(), arguments);
  }

  RunningProcess start(
      ProcessListener listener, Tool tool, Path work, StdinSource stdin, String... arguments) {
    List<String> argv = new ArrayList<>(List.of("f"));
    argv.addAll(List.of(arguments));
    ProcessSpec spec =
        new ProcessSpec(
            "test/" + number.incrementAndGet(),
            Path.of(String.valueOf(tool.definition().module())),
            argv,
            Map.of("LANG", "C.UTF-8", "HOME", work.toString()),
            work,
            stdin,
            Duration.ZERO,
            Duration.ofMillis(250));
    return functions.start(new Launch(tool, Principal.ANONYMOUS, spec), listener);
  }

  @Override
  public void close() {
    functions.close();
  }

  static CatalogSettings settings(Path directory) {
    ByteSize mebibyte = ByteSize.parse("1MiB");
    Bound<ByteSize> size = new Bound<>(mebibyte, ByteSize.parse("4GiB"));
    return new CatalogSettings(
        directory,
        List.of(Path.of("/usr/bin")),
        Duration.ofSeconds(1),
        new Bound<>(Duration.ofSeconds(30), Duration.ofMinutes(10)),
        new Bound<>(Duration.ofMillis(300), Duration.ofSeconds(10)),
        new Bound<>(4, 100),
        new Bound<>(20, 1000),
        size,
        size,
        size,
        size,
        new Bound<>(Duration.ofHours(1), Duration.ofDays(1)),
        CatalogSettings.Maxima.unbounded());
  }
}
