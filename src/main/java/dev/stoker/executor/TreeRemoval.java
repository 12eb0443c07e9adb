package dev.stoker.executor;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Removes what a run has left, without following a link, giving itself the rights it needs. A tree
 * may be deeper than a path can be long: what lies deep in it is moved up before it is removed.
 * Confined to one call.
 */
final class TreeRemoval {
  /** A name has at most 255 bytes, and a path 4,095. */
  private static final int DEPTH_MAX = 8;

  private final Path root;
  private final Supplier<Path> freeNames;

  /**
   * @param root the trees are in it, or below
   * @param freeNames of the same file system, where nothing is
   */
  TreeRemoval(Path root, Supplier<Path> freeNames) {
    this.root = root;
    this.freeNames = freeNames;
  }

  void remove(Path tree) throws IOException {
    Deque<Path> trees = new ArrayDeque<>();
    trees.add(tree);
    while (!trees.isEmpty()) {
      remove(trees.remove(), trees);
    }
  }

  private void remove(Path tree, Deque<Path> deeper) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (!Files.isWritable(directory)) {
              allowAll(directory);
            }
            if (directory.getNameCount() - root.getNameCount() <= DEPTH_MAX) {
              return FileVisitResult.CONTINUE;
            }
            Path up = freeNames.get();
            Files.move(directory, up, StandardCopyOption.ATOMIC_MOVE);
            deeper.add(up);
            return FileVisitResult.SKIP_SUBTREE;
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
            allowAll(file);
            remove(file, deeper);
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

  private static void allowAll(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }
}
