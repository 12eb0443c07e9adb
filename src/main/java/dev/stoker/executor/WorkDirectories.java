package dev.stoker.executor;

import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Private directories for runs. A few empty ones are kept ready, so that most runs do not wait for
 * the disk. Thread-safe; only {@link #take()} never blocks.
 */
final class WorkDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(WorkDirectories.class);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(OWNER_ONLY);

  private final Path root;
  private final WorkerExecutor disk;
  private final AtomicLong number = new AtomicLong();
  private final BlockingQueue<Path> ready;

  /**
   * Makes the root and removes whatever an earlier life left in it.
   *
   * @throws IOException when it cannot be made or emptied
   */
  WorkDirectories(Path root, int readyMax, WorkerExecutor disk) throws IOException {
    this.root = root;
    this.disk = disk;
    this.ready = new ArrayBlockingQueue<>(readyMax);
    Files.createDirectories(root);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(root)) {
      for (Path directory : left) {
        delete(directory);
      }
    }
    while (ready.remainingCapacity() > 0) {
      ready.add(make());
    }
  }

  /** An empty directory, if one is ready. */
  Optional<Path> take() {
    return Optional.ofNullable(ready.poll());
  }

  /** A new empty directory. Blocks. */
  Path make() throws IOException {
    return Files.createDirectory(root.resolve(Long.toString(number.incrementAndGet())), PRIVATE);
  }

  /** Takes a directory back when its run is over, soon, on a disk thread. */
  void give(Path directory) {
    disk.executeBlocking(() -> recycle(directory), false)
        .onFailure(e -> LOG.error("cannot clean the work directory {}", directory, e));
  }

  /** The same, at once. Blocks. */
  @Nullable Void recycle(Path directory) {
    try {
      if (isUntouched(directory) && ready.offer(directory)) {
        return null;
      }
      delete(directory);
      if (ready.remainingCapacity() > 0) {
        Path fresh = make();
        if (!ready.offer(fresh)) {
          Files.delete(fresh);
        }
      }
    } catch (IOException e) {
      LOG.warn("cannot clean the work directory {}: {}", directory, e.toString());
    }
    return null;
  }

  /** Empty, a directory still, and nobody else's. */
  private static boolean isUntouched(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        || !Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS)
            .equals(OWNER_ONLY)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }

  /** Removes a tree without following a link, giving itself the rights it needs. */
  private static void delete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            if (Files.isReadable(file)) {
              throw failure;
            }
            Files.setPosixFilePermissions(file, OWNER_ONLY);
            delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
