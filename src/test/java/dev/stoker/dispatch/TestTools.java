package dev.stoker.dispatch;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.Catalog;
import dev.stoker.tool.CatalogSettings;
import dev.stoker.tool.CatalogSettings.Bound;
import dev.stoker.tool.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Real tools from catalog text. */
final class TestTools {
  private TestTools() {}

  /** A tool that does nothing, with these bounds. */
  static Tool tool(String name, int perNode, int queue) {
    return tool(name, perNode, queue, "true");
  }

  /** The same of another program. */
  static Tool tool(String name, int perNode, int queue, String program) {
    String text =
        """
        name: %s
        description: for the test
        command: ["%s"]
        isolation: none
        concurrency: {perNode: %d, queue: %d}
        """
            .formatted(name, program, perNode, queue);
    return Catalog.of(settings(Path.of(".")), Map.of(name + ".yaml", text)).tools().getFirst();
  }

  static CatalogSettings settings(Path data) {
    ByteSize mebibyte = ByteSize.parse("1MiB");
    return new CatalogSettings(
        data,
        List.of(Path.of("/usr/bin"), Path.of("/bin")),
        Duration.ofSeconds(1),
        new Bound<>(Duration.ofSeconds(30), Duration.ofMinutes(10)),
        new Bound<>(Duration.ofMillis(300), Duration.ofSeconds(10)),
        new Bound<>(TestNode.SLOTS, 100),
        new Bound<>(TestNode.QUEUE, 1000),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(mebibyte, ByteSize.parse("1GiB")),
        new Bound<>(Duration.ofHours(1), Duration.ofDays(1)),
        CatalogSettings.Maxima.unbounded());
  }
}
