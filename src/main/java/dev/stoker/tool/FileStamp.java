package dev.stoker.tool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which content a path has, as far as one {@code stat} tells. Immutable.
 *
 * @param changed the inode's change time, in nanoseconds; no program can set it back
 */
record FileStamp(long inode, long size, long modified, long changed) {
  private static final String ATTRIBUTES = "unix:ino,size,lastModifiedTime,ctime,isRegularFile";

  /** Follows links; null when there is no regular file. */
  static @Nullable FileStamp of(Path path) {
    try {
      Map<String, Object> attributes = Files.readAttributes(path, ATTRIBUTES);
      return Boolean.TRUE.equals(attributes.get("isRegularFile"))
          ? new FileStamp(
              number(attributes.get("ino")),
              number(attributes.get("size")),
              number(attributes.get("lastModifiedTime")),
              number(attributes.get("ctime")))
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static long number(@Nullable Object value) {
    return switch (value) {
      case FileTime time -> time.to(TimeUnit.NANOSECONDS);
      case Number number -> number.longValue();
      case null, default -> 0;
    };
  }
}
