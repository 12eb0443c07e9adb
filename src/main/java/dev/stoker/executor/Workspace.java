package dev.stoker.executor;

import dev.stoker.blob.BlobStore;
import dev.stoker.executor.ExecutorMessage.Execute;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's private directory with its input files in it, while the run lives. Confined to the
 * executor's context; one call at a time; what blocks is done on the disk threads.
 */
final class Workspace {
  private static final Logger LOG = LoggerFactory.getLogger(Workspace.class);

  private final WorkDirectories directories;
  private final WorkerExecutor disk;
  private final Collector collector;
  private final Execute order;
  private final boolean hasFiles;
  private @Nullable Path directory;

  Workspace(WorkDirectories directories, WorkerExecutor disk, BlobStore blobs, Execute order) {
    this.directories = directories;
    this.disk = disk;
    this.order = order;
    this.collector = new Collector(blobs, order.tool().definition(), order.invocation());
    this.hasFiles =
        !order.invocation().inputs().isEmpty() || !order.invocation().outputs().isEmpty();
  }

  /** Makes it. Succeeds at once when nothing has to be waited for. */
  Future<Path> open() {
    Optional<Path> ready = directories.take();
    ready.ifPresent(path -> directory = path);
    if (ready.isPresent() && !hasFiles) {
      return Future.succeededFuture(ready.get());
    }
    return disk.executeBlocking(() -> fill(ready), false).onSuccess(path -> directory = path);
  }

  /** Takes the declared files out; {@code wanted} says whether the run has succeeded so far. */
  Future<Collector.Found> collect(boolean wanted) {
    Path from = directory;
    if (!hasFiles || from == null) {
      return Future.succeededFuture(Collector.Found.NOTHING);
    }
    return disk.executeBlocking(() -> collector.bringOut(from, wanted), false);
  }

  /** Removes it, soon. Idempotent. */
  void close() {
    Path used = directory;
    directory = null;
    if (used != null) {
      disk.executeBlocking(
              () -> {
                collector.release();
                return directories.recycle(used);
              },
              false)
          .onFailure(e -> LOG.error("cannot clean the work directory {}", used, e));
    }
  }

  /** Blocks. A directory that cannot be filled is not left behind. */
  private Path fill(Optional<Path> ready) throws IOException {
    Path made = ready.isPresent() ? ready.get() : directories.make();
    try {
      collector.bringIn(made, order.command().inputs());
      return made;
    } catch (IOException | RuntimeException e) {
      collector.release();
      directories.recycle(made);
      throw e;
    }
  }
}
