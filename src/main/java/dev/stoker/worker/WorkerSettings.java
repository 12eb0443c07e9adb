package dev.stoker.worker;

import dev.stoker.run.ByteSize;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How this node keeps workers.
 *
 * @param directory under which each worker has a directory of its own while it lives; nobody
 *     else's, emptied at the start, on the file system of the runs' directories or not
 * @param memory what a tool's processes may have that says nothing itself; null for no bound
 */
public record WorkerSettings(Path directory, @Nullable ByteSize memory) {}
