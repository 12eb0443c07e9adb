package dev.stoker.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * A directory that was empty when it was looked at. Immutable.
 *
 * @param changed its ctime then
 * @param inode of it, within its file system
 */
record EmptyDirectory(Path path, FileTime changed, long inode) {
  /** A clock tick, of up to ten milliseconds, may hide a change that soon follows the last one. */
  private static final Duration TICKS = Duration.ofMillis(100);

  /** One that was just made. */
  static EmptyDirectory of(Path path) throws IOException {
    Map<String, Object> now = look(path);
    Object changed = Objects.requireNonNull(now.get("ctime"));
    Object inode = Objects.requireNonNull(now.get("ino"));
    return new EmptyDirectory(path, (FileTime) changed, (Long) inode);
  }

  String name() {
    return String.valueOf(path.getFileName());
  }

  /** Whether whatever is done to it from that moment on shows. */
  boolean tellsFrom(Instant moment) {
    return changed.toInstant().plus(TICKS).isBefore(moment);
  }

  /**
   * Whether it is there and nobody has touched it: whoever makes, removes or renames an entry, or
   * changes its rights or times, changes its ctime, which no program can set. One stat of an inode
   * that is in memory; follows no link.
   */
  boolean isUntouched() {
    try {
      Map<String, Object> now = look(path);
      return changed.equals(now.get("ctime")) && Long.valueOf(inode).equals(now.get("ino"));
    } catch (IOException e) {
      return false;
    }
  }

  private static Map<String, Object> look(Path path) throws IOException {
    return Files.readAttributes(path, "unix:ctime,ino", LinkOption.NOFOLLOW_LINKS);
  }
}
