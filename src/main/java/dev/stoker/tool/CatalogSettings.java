package dev.stoker.tool;

import dev.stoker.run.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where the catalog is, and the defaults and maxima that hold for every tool.
 *
 * @param searchPath directories in which a program without a slash is looked for
 * @param watch how often the directory is looked at, and how long a file must have stayed the same
 *     before it is taken over; zero for never
 */
public record CatalogSettings(
    Path directory,
    List<Path> searchPath,
    Duration watch,
    Bound<Duration> timeout,
    Bound<Duration> grace,
    Bound<Integer> perNode,
    Bound<Integer> queue,
    Bound<ByteSize> stdout,
    Bound<ByteSize> stderr,
    Bound<ByteSize> inputSize,
    Bound<ByteSize> outputSize,
    Bound<Duration> cacheTtl,
    Maxima maxima) {

  /** The most of each resource that a tool may ask for. */
  public record Maxima(
      ByteSize memory, double cpu, int pids, ByteSize disk, int openFiles, ByteSize fileSize) {
    /** More than any machine has. */
    public static Maxima unbounded() {
      ByteSize most = ByteSize.parse("1024TiB");
      return new Maxima(most, 100_000, 4_000_000, most, 1_000_000_000, most);
    }
  }

  /** What a tool gets that says nothing, and the most that one may ask for. */
  public record Bound<T>(T byDefault, T max) {}
}
