package dev.stoker.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Files that trees have open and that have no name any more, which no walk through a directory
 * meets. Thread-safe by its own lock, which is held while the machine's processes are counted.
 */
final class UnnamedFiles {
  /** Who looks at all processes does so for all trees that are looked at in this time. */
  private static final long CENSUS_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  // Under the lock.
  private @Nullable TreeCensus census;
  private long takenNanos;

  /**
   * How many bytes they have on the file system of the tree's work directory, each file once and a
   * file with holes as if it had none. What a mapping alone or a socket's queue keeps is not seen.
   * Blocks.
   */
  long bytes(ProcessTree tree) {
    Object device = attribute(tree.child().spec().directory(), "unix:dev");
    if (device == null) {
      return 0;
    }
    Map<Object, Long> sizes = new HashMap<>();
    for (int pid : recent().members(tree)) {
      for (Path open : ProcFs.unnamed(pid)) {
        count(open, device, sizes);
      }
    }
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private static void count(Path open, Object device, Map<Object, Long> sizes) {
    try {
      Map<String, Object> file =
          Files.readAttributes(open, "unix:dev,ino,nlink,size,isRegularFile");
      boolean counts =
          device.equals(file.get("dev"))
              && Integer.valueOf(0).equals(file.get("nlink"))
              && Boolean.TRUE.equals(file.get("isRegularFile"));
      if (counts && file.get("size") instanceof Long bytes) {
        sizes.put(file.get("ino"), bytes);
      }
    } catch (IOException e) {
      // Closed meanwhile, or not to be looked at.
      return;
    }
  }

  private synchronized TreeCensus recent() {
    TreeCensus known = census;
    if (known == null || System.nanoTime() - takenNanos > CENSUS_AGE_NANOS) {
      known = TreeCensus.take();
      census = known;
      takenNanos = System.nanoTime();
    }
    return known;
  }

  private static @Nullable Object attribute(Path path, String name) {
    try {
      return Files.getAttribute(path, name);
    } catch (IOException e) {
      return null;
    }
  }
}
