package dev.stoker.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One run's group. Thread-safe, one call after the other. Whoever took it releases it. */
public interface Group {
  /** The files into which a process's number is written to take it in, with all its threads. */
  List<Path> processEntrances();

  /** Takes a process in. What it has started already stays where it is. */
  default void take(int pid) throws IOException {
    for (Path entrance : processEntrances()) {
      ControlFile.write(entrance, Integer.toString(pid));
    }
  }

  /** Kills every process in it, if the kernel can do that at once; false if not. */
  boolean kill();

  /** Processes that the kernel has killed so far because the group was at its memory limit. */
  long outOfMemoryKills();

  /** What was used so far. */
  GroupUse use();

  /** Gives the group back: nobody is in it any more, but threads that entered alone. Idempotent. */
  void release();
}
