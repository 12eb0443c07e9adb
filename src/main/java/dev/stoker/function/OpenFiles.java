package dev.stoker.function;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a module has open, beside what Chicory knows of it: so that there is a bound to it, and so
 * that a descriptor's path can be judged. Confined to the run's thread.
 */
final class OpenFiles {
  /** The run's directory, as Chicory numbers it: the first one after the standard streams. */
  static final int ROOT_FD = 3;

  /** Each is a descriptor of this JVM. */
  static final int OPEN_MAX = 256;

  private static final int ANY_WRITE = 0222;

  private final Map<Integer, Handle> handles = new HashMap<>();

  OpenFiles(Path root) {
    handles.put(ROOT_FD, new Handle(root, true, false));
  }

  /** One descriptor that is no standard stream. */
  static final class Handle {
    final Path path;
    final boolean directory;
    final boolean writable;

    /** Where the last write ended. */
    long end;

    Handle(Path path, boolean directory, boolean writable) {
      this.path = path;
      this.directory = directory;
      this.writable = writable;
    }
  }

  /** Null of a standard stream, and of what is not open. */
  @Nullable Handle get(int fd) {
    return handles.get(fd);
  }

  boolean isFull() {
    return handles.size() >= OPEN_MAX;
  }

  void opened(int fd, Path path, boolean writable) {
    handles.put(fd, new Handle(path, Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS), writable));
  }

  void closed(int fd) {
    handles.remove(fd);
  }

  void renumbered(int from, int to) {
    Handle moved = handles.remove(from);
    if (moved == null) {
      handles.remove(to);
    } else {
      handles.put(to, moved);
    }
  }

  /**
   * The path that Chicory takes a name for; null where it refuses it. As there are no symbolic
   * links in a run's directory, and none can be made, taking {@code ..} out of the text is exact.
   */
  @Nullable Path resolve(int fd, String name) {
    Handle directory = handles.get(fd);
    if (directory == null || !directory.directory) {
      return null;
    }
    try {
      Path path = directory.path.getFileSystem().getPath(name).normalize();
      return path.isAbsolute() || path.startsWith("..") ? null : directory.path.resolve(path);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /**
   * Whether a path is a file that nobody may write to: an input, which is a blob under another
   * name. A JVM that runs as root could, whatever its mode says.
   */
  static boolean isReadOnly(Path path) {
    try {
      Map<String, Object> attributes =
          Files.readAttributes(path, "unix:mode,nlink,isRegularFile", LinkOption.NOFOLLOW_LINKS);
      return Boolean.TRUE.equals(attributes.get("isRegularFile"))
          && (number(attributes, "nlink") > 1 || (number(attributes, "mode") & ANY_WRITE) == 0);
    } catch (IOException e) {
      // It is not there, or will not be opened either.
      return false;
    }
  }

  private static int number(Map<String, Object> attributes, String name) {
    return attributes.get(name) instanceof Number number ? number.intValue() : 0;
  }

  /** As {@code rename} does it: what has the new name is replaced. An errno. */
  static int rename(Path from, Path to) {
    boolean directory = Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS);
    try {
      if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)
          && directory != Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS)) {
        return directory ? Errno.ENOTDIR : Errno.EISDIR;
      }
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      return Errno.SUCCESS;
    } catch (NoSuchFileException e) {
      return Errno.ENOENT;
    } catch (FileSystemException e) {
      // A directory into itself, or onto one that is not empty.
      return directory ? Errno.EINVAL : Errno.EIO;
    } catch (IOException e) {
      return Errno.EIO;
    }
  }
}
