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
    Bound<Duration> cacheTtl) {

  /** What a tool gets that says nothing, and the most that one may ask for. */
  public record Bound<T>(T byDefault, T max) {}
}
