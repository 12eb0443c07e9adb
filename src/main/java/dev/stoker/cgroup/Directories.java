package dev.stoker.cgroup;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Groups as directories. Stateless. */
final class Directories {
  private static final Logger LOG = LoggerFactory.getLogger(Directories.class);
  private static final int TRIES = 50;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private Directories() {}

  static Path make(Path directory) throws IOException {
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(directory);
    }
    return directory;
  }

  static List<Path> children(Path directory) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            directory, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
      entries.forEach(found::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return found;
    }
    return found;
  }

  /**
   * Kills whoever is in a group or below it, and removes it; a group with somebody in it cannot be
   * removed, and a process that was killed takes its time to leave. Blocks for up to half a second
   * a level.
   *
   * @return whether it is gone
   */
  static boolean clear(Path group) {
    boolean empty = true;
    for (Path child : children(group)) {
      empty &= clear(child);
    }
    for (int tries = 0; empty && tries < TRIES; tries++) {
      if (tries > 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      if (remove(group)) {
        return true;
      }
      killMembers(group);
    }
    LOG.warn("the control group {} cannot be removed: something is still in it", group);
    return false;
  }

  /** Removes it if nobody is in it. */
  static boolean remove(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void killMembers(Path group) {
    try {
      long self = ProcessHandle.current().pid();
      for (String pid : ControlFile.words(group.resolve("cgroup.procs"))) {
        if (Long.parseLong(pid) > 1 && Long.parseLong(pid) != self) {
          ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
      }
    } catch (IOException e) {
      LOG.debug("{} has gone", group, e);
    }
  }
}
