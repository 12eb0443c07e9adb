package dev.stoker.executor;

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
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Private directories for runs. A few empty ones are kept ready, so that most runs do not wait for
 * the disk. Thread-safe.
 *
 * <p>A directory is emptied and used again rather than made anew: threads and cgroups that belong
 * to it know its inode. No number is given twice, so that a path is one directory's for good; one
 * that cannot be emptied, or is another one by now, is given up.
 */
final class WorkDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(WorkDirectories.class);
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(OWNER_ONLY);

  private static final Duration TICKS = Duration.ofMillis(100);

  private final Path root;
  private final AtomicLong number = new AtomicLong();
  private final BlockingQueue<Directory> ready;

  /**
   * Makes the root and removes whatever an earlier life left in it.
   *
   * @throws IOException when it cannot be made or emptied
   */
  WorkDirectories(Path root, int readyMax) throws IOException {
    this.root = root;
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

  /** An empty directory, if one is ready. Never blocks. */
  Optional<Directory> take() {
    return Optional.ofNullable(ready.poll());
  }

  /** A new empty directory. Blocks. */
  Directory make() throws IOException {
    Path path = root.resolve(Long.toString(number.incrementAndGet()));
    return Directory.of(Files.createDirectory(path, PRIVATE));
  }

  /**
   * Takes back a directory that nobody has touched: whoever makes, removes or renames an entry, or
   * changes its rights or times, changes its ctime, which no program can set. One stat of an inode
   * that is in memory.
   *
   * @return false when it was touched, or cannot be told: it is to be recycled
   */
  boolean returnUntouched(Directory directory, Instant takenAt) {
    // A clock tick, of up to ten milliseconds, may hide a change that soon follows the last one.
    boolean telling = directory.changed().toInstant().plus(TICKS).isBefore(takenAt);
    try {
      return telling
          && Directory.changed(directory.path()).equals(directory.changed())
          && ready.offer(directory);
    } catch (IOException e) {
      return false;
    }
  }

  /** Empties a directory and keeps it, or removes it when there are enough. Blocks. */
  void recycle(Directory used) {
    Path directory = used.path();
    try {
      if (isStill(used)) {
        Files.setPosixFilePermissions(directory, OWNER_ONLY);
        empty(directory);
        if (!ready.offer(Directory.of(directory))) {
          Files.delete(directory);
        }
        return;
      }
      LOG.warn("the work directory {} is another one by now, it is given up", directory);
      delete(directory);
    } catch (IOException e) {
      LOG.warn("cannot clean the work directory {}, it is given up: {}", directory, e.toString());
    }
    replace();
  }

  /** One that is lost is made up for, by one of another number. */
  private void replace() {
    try {
      if (ready.remainingCapacity() > 0) {
        Directory fresh = make();
        if (!ready.offer(fresh)) {
          Files.delete(fresh.path());
        }
      }
    } catch (IOException e) {
      LOG.warn("cannot make a work directory in {}: {}", root, e.toString());
    }
  }

  /** Whether the path leads to the directory that was given out, and not to a link or another. */
  private static boolean isStill(Directory used) throws IOException {
    BasicFileAttributes now =
        Files.readAttributes(used.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return now.isDirectory() && used.key().equals(String.valueOf(now.fileKey()));
  }

  private static void empty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        delete(entry);
      }
    }
  }

  /** Removes a tree without following a link, giving itself the rights it needs. */
  private static void delete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!Files.isWritable(directory)) {
              Files.setPosixFilePermissions(directory, OWNER_ONLY);
            }
            return FileVisitResult.CONTINUE;
          }

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

  /**
   * A directory that is empty.
   *
   * @param changed its ctime when that was seen
   * @param key its device and inode
   */
  record Directory(Path path, FileTime changed, String key) {
    static Directory of(Path path) throws IOException {
      Object key =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey();
      return new Directory(path, changed(path), String.valueOf(key));
    }

    private static FileTime changed(Path path) throws IOException {
      return (FileTime) Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
    }
  }
}
