package dev.stoker.executor;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * How much of the disk a directory's files take, about: each is counted by whole blocks and with
 * one more for itself, so that many empty files count, too. A file with holes counts as if it had
 * none, one with several names as often, one without a name not at all ({@code
 * RunningProcess.unnamedBytes}). Stateless.
 */
final class DirectorySize {
  private static final long BLOCK_BYTES = 4096;

  private DirectorySize() {}

  /**
   * Looks until it has seen more than {@code enough} bytes, which bounds how many files it looks
   * at. Blocks. Follows no link; what vanishes meanwhile, or may not be looked into, is not
   * counted.
   *
   * @return the size, or some number above {@code enough}
   */
  static long measure(Path directory, long enough) {
    long[] bytes = {0};
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
              return inner.equals(directory) ? FileVisitResult.CONTINUE : count(attributes);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              return count(attributes);
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path inner, IOException failure) {
              return FileVisitResult.CONTINUE;
            }

            private FileVisitResult count(BasicFileAttributes attributes) {
              long blocks = (attributes.size() + BLOCK_BYTES - 1) / BLOCK_BYTES;
              bytes[0] += (attributes.isRegularFile() ? blocks + 1 : 1) * BLOCK_BYTES;
              return bytes[0] > enough ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      return bytes[0];
    }
    return bytes[0];
  }
}
