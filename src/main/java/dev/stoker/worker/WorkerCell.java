package dev.stoker.worker;

import dev.stoker.tool.ToolDefinition.Output;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's own directory, the only place it may write to, with a directory in it for each
 * request. Every method blocks; used by one thread at a time for each request.
 *
 * <p>The worker lives while its files are handled, and may be hostile. So what is in a request's
 * directory are copies, never a run's own files: a descriptor that the worker keeps leads to
 * nothing of another run, nor to a blob. And no path through the worker's directory is followed: a
 * directory is renamed into the stage, which no worker can reach, and looked at there, before it is
 * opened.
 */
final class WorkerCell {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerCell.class);
  private static final FileAttribute<?> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** Of files that a request leaves, before its worker is ended with them. */
  private static final int LEFT_MAX = 20_000;

  private final Path directory;
  private final Path stage;

  private WorkerCell(Path directory, Path stage) {
    this.directory = directory;
    this.stage = stage;
  }

  /** Makes one, and what is needed above it. */
  static WorkerCell make(Path root, long number) throws IOException {
    Path both = Files.createDirectory(root.resolve(Long.toString(number)), PRIVATE);
    return new WorkerCell(
        Files.createDirectory(both.resolve("cell"), PRIVATE),
        Files.createDirectory(both.resolve("stage"), PRIVATE));
  }

  /** Makes the root, or empties what an earlier life has left in it; no worker lives. */
  static void prepare(Path root) throws IOException {
    Files.createDirectories(root);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(root)) {
      for (Path cell : left) {
        new WorkerCell(cell, root).purge(cell, Integer.MAX_VALUE);
      }
    }
  }

  /** Where the worker is started. */
  Path directory() {
    return directory;
  }

  /** Makes an empty directory for requests; only the worker can have put anything into it. */
  EmptyDirectory makeEmpty(String name) throws IOException {
    return EmptyDirectory.of(Files.createDirectory(directory.resolve(name), PRIVATE));
  }

  /**
   * Makes a request's directory with copies of all that is in the run's.
   *
   * @return the files, relative to it
   */
  List<String> bringIn(String name, Path run) throws IOException {
    Path made = stage.resolve("in-" + name);
    List<String> files = new ArrayList<>();
    Files.walkFileTree(
        run,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectory(made.resolve(run.relativize(path).toString()), PRIVATE);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String relative = run.relativize(file).toString();
            Files.copy(
                file,
                made.resolve(relative),
                StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
            files.add(relative);
            return FileVisitResult.CONTINUE;
          }
        });
    rename(made, directory.resolve(name));
    return files;
  }

  /**
   * Copies the declared files that a request has left into the run's directory.
   *
   * @return what is wrong with one of them; null when nothing is
   */
  @Nullable String bringOut(String name, Path run, Map<String, Output> outputs) throws IOException {
    Path out = stage.resolve("out-" + name);
    try {
      rename(directory.resolve(name), out);
    } catch (NoSuchFileException e) {
      return "its worker has removed the request's directory";
    }
    if (!Files.isDirectory(out, LinkOption.NOFOLLOW_LINKS)) {
      return "its worker has replaced the request's directory";
    }
    for (Map.Entry<String, Output> declared : outputs.entrySet()) {
      Output output = declared.getValue();
      String problem = bringOut(out, Path.of(output.path()), run, output.maxSize().bytes());
      if (problem != null) {
        return "output '%s' (%s) %s".formatted(declared.getKey(), output.path(), problem);
      }
    }
    return null;
  }

  /**
   * Removes a request's directory with all that is in it.
   *
   * @return false when it cannot be done while the worker lives
   */
  boolean clear(String name) throws IOException {
    Path there = directory.resolve(name);
    Path out = stage.resolve("out-" + name);
    try {
      // Usual: nothing is in it.
      Files.deleteIfExists(there);
    } catch (DirectoryNotEmptyException e) {
      rename(there, out);
    }
    return !Files.exists(out, LinkOption.NOFOLLOW_LINKS) || purge(out, LEFT_MAX);
  }

  /** Removes all; the worker is dead. */
  void remove() throws IOException {
    Path both = directory.getParent();
    if (both != null) {
      new WorkerCell(directory, both.resolveSibling(both.getFileName() + "-gone"))
          .removeThrough(both);
    }
  }

  private void removeThrough(Path both) throws IOException {
    Files.createDirectory(stage, PRIVATE);
    rename(both, stage.resolve("all"));
    purge(stage.resolve("all"), Integer.MAX_VALUE);
    Files.delete(stage);
  }

  /** Each directory on the way becomes one of the stage's before it is looked into. */
  private @Nullable String bringOut(Path from, Path path, Path run, long bytesMax)
      throws IOException {
    Path at = from;
    List<Path[]> moved = new ArrayList<>();
    try {
      for (int i = 0; i < path.getNameCount() - 1; i++) {
        Path next = at.resolve(path.getName(i).toString());
        Path here = stage.resolve(from.getFileName() + "-" + i);
        if (!isThere(next)) {
          return null;
        }
        rename(next, here);
        moved.addFirst(new Path[] {here, next});
        if (!Files.isDirectory(here, LinkOption.NOFOLLOW_LINKS)) {
          return "leaves the work directory";
        }
        at = here;
      }
      Path last = at.resolve(path.getFileName().toString());
      if (!isThere(last)) {
        return null;
      }
      Path file = stage.resolve(from.getFileName() + "-file");
      rename(last, file);
      moved.addFirst(new Path[] {file, last});
      BasicFileAttributes attributes =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        return (attributes.isSymbolicLink() ? "is a symbolic link" : "is not a regular file")
            + "; allowed: a regular file";
      }
      copy(file, run.resolve(path.toString()), bytesMax);
      return null;
    } finally {
      // Other outputs may be in the same directories.
      for (Path[] pair : moved) {
        rename(pair[0], pair[1]);
      }
    }
  }

  private static boolean isThere(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** One byte more than is allowed, so that whoever looks sees that it is too large. */
  private static void copy(Path file, Path to, long bytesMax) throws IOException {
    Path parent = to.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try (FileChannel in =
            FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        FileChannel out =
            FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long left = bytesMax == Long.MAX_VALUE ? bytesMax : bytesMax + 1;
      long at = 0;
      while (left > 0) {
        long count = in.transferTo(at, left, out);
        if (count <= 0) {
          return;
        }
        at += count;
        left -= count;
      }
    }
  }

  /**
   * Removes a tree of the stage without following a link, whatever is done to it meanwhile: a
   * directory in it is opened only after it was renamed into the stage.
   *
   * @return false when there is more than may be, or somebody goes on putting files into it
   */
  private boolean purge(Path tree, int entriesMax) throws IOException {
    Deque<Path> directories = new ArrayDeque<>();
    if (!Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(tree);
      return true;
    }
    directories.add(tree);
    int entries = 0;
    int number = 0;
    while (!directories.isEmpty()) {
      Path next = directories.removeLast();
      makeWritable(next);
      try (DirectoryStream<Path> all = Files.newDirectoryStream(next)) {
        for (Path entry : all) {
          if (++entries > entriesMax) {
            return false;
          }
          if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
            Path here = stage.resolve(tree.getFileName() + "-purge-" + number++);
            if (entriesMax == Integer.MAX_VALUE) {
              // Only a dead worker cannot put a link in its place meanwhile.
              makeWritable(entry);
            }
            rename(entry, here);
            if (Files.isDirectory(here, LinkOption.NOFOLLOW_LINKS)) {
              directories.add(here);
            } else {
              Files.delete(here);
            }
          } else {
            Files.deleteIfExists(entry);
          }
        }
      } catch (java.nio.file.DirectoryIteratorException e) {
        throw e.getCause();
      }
      try {
        Files.delete(next);
      } catch (DirectoryNotEmptyException e) {
        return false;
      }
    }
    return true;
  }

  private static void makeWritable(Path directory) throws IOException {
    if (!Files.isWritable(directory) || !Files.isReadable(directory)) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      LOG.error("{} and {} are on different file systems", from, to);
      throw e;
    }
  }
}
