package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** How much memory a process and its descendants have. Stateless. */
final class ResidentSize {
  /** The kernel counts in pages, of this size on x86-64 and on most of aarch64. */
  private static final long PAGE_BYTES = 4096;

  /** Whoever asks must not be held up by a tree without end. */
  private static final int PROCESSES_MAX = 64;

  private static final int THREADS_MAX = 64;

  private ResidentSize() {}

  /**
   * What is resident, in bytes, of the first processes of a tree; what cannot be seen counts as
   * none. Reads a few files of {@code /proc} for each process of the tree, and of no other.
   */
  static long of(long pid) {
    Deque<Long> found = new ArrayDeque<>();
    found.add(pid);
    long bytes = 0;
    for (int seen = 0; seen < PROCESSES_MAX && !found.isEmpty(); seen++) {
      long next = found.remove();
      bytes += ofOne(next);
      addChildren(next, found);
    }
    return bytes;
  }

  private static void addChildren(long pid, Deque<Long> found) {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      int seen = 0;
      for (Path thread : threads) {
        if (++seen > THREADS_MAX || found.size() > PROCESSES_MAX) {
          return;
        }
        String children = Files.readString(thread.resolve("children"), US_ASCII).strip();
        if (!children.isEmpty()) {
          for (String child : children.split(" ", PROCESSES_MAX)) {
            found.add(Long.valueOf(child.split(" ", 2)[0]));
          }
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException | NumberFormatException e) {
      // It is gone, or the kernel does not list children: it counts by itself.
    }
  }

  private static long ofOne(long pid) {
    try {
      String[] pages = Files.readString(Path.of("/proc/" + pid + "/statm"), US_ASCII).split(" ", 3);
      return Long.parseLong(pages[1]) * PAGE_BYTES;
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return 0;
    }
  }
}
