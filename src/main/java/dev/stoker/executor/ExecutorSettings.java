package dev.stoker.executor;

import dev.stoker.run.ByteSize;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How this node runs commands.
 *
 * @param slots commands that run at once on this node
 * @param workDirectory under which each run has a directory of its own while it lives
 * @param drain how long output is awaited from a process that outlives its run's main process
 * @param diskThreads threads for work directories, links and output files
 * @param diskDefault what a work directory may hold of a tool that does not say; null for no limit
 */
public record ExecutorSettings(
    int slots,
    Path workDirectory,
    Duration drain,
    int diskThreads,
    @Nullable ByteSize diskDefault) {

  /** Without a limit for tools that ask for none. */
  public ExecutorSettings(int slots, Path workDirectory, Duration drain, int diskThreads) {
    this(slots, workDirectory, drain, diskThreads, null);
  }
}
