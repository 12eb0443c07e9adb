package dev.stoker.tool;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.CatalogSettings.Bound;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Settings as a node has them, with a short watch. */
public final class TestSettings {
  private TestSettings() {}

  public static CatalogSettings in(Path directory) {
    return in(directory, List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"), Path.of("/bin")));
  }

  public static CatalogSettings in(Path directory, List<Path> searchPath) {
    return new CatalogSettings(
        directory,
        searchPath,
        Duration.ofMillis(20),
        new Bound<>(Duration.ofSeconds(60), Duration.ofHours(1)),
        new Bound<>(Duration.ofSeconds(2), Duration.ofSeconds(30)),
        new Bound<>(4, 64),
        new Bound<>(100, 10_000),
        size(1L << 20, 64L << 20),
        size(256L << 10, 64L << 20),
        size(1L << 30, 4L << 30),
        size(1L << 30, 4L << 30),
        new Bound<>(Duration.ofHours(1), Duration.ofDays(30)),
        CatalogSettings.Maxima.unbounded());
  }

  private static Bound<ByteSize> size(long byDefault, long max) {
    return new Bound<>(new ByteSize(byDefault), new ByteSize(max));
  }
}
