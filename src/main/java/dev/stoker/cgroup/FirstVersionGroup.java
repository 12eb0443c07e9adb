package dev.stoker.cgroup;

import dev.stoker.cgroup.FirstVersion.Controller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A cell's directories, one for each controller, with the limits that they have now. The kernel
 * counts on for as long as they live, so a run's figures are differences. Used by one run at a
 * time.
 */
final class FirstVersionGroup implements Group {
  private static final String MEMORY_LIMIT = "memory.limit_in_bytes";
  private static final String MEMORY_AND_SWAP_LIMIT = "memory.memsw.limit_in_bytes";
  private static final String MEMORY_PEAK = "memory.max_usage_in_bytes";
  private static final long LEFT_BYTES_MAX = 4 << 20;
  private static final String NO_LIMIT = "-1";
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Map<Controller, Path> directories;
  private final List<Path> processEntrances;
  private @Nullable GroupLimits limits;
  private long killsBefore;
  private long refusedBefore;
  private long cpuNanosBefore;

  FirstVersionGroup(Map<Controller, Path> directories) {
    this.directories = directories;
    processEntrances =
        new TreeSet<>(directories.values())
            .stream().map(path -> path.resolve("cgroup.procs")).toList();
  }

  /** Writes what has changed, and counts from here. */
  synchronized void prepare(GroupLimits wanted) throws IOException {
    if (!wanted.equals(limits)) {
      limits = null;
      Path memory = directories.get(Controller.MEMORY);
      if (memory != null) {
        limitMemory(memory, wanted.memoryBytes());
      }
      Path pids = directories.get(Controller.PIDS);
      if (pids != null) {
        ControlFile.write(
            pids.resolve("pids.max"),
            wanted.tasks() == 0 ? "max" : Integer.toString(wanted.tasks()));
      }
      Path cpu = directories.get(Controller.CPU);
      if (cpu != null) {
        ControlFile.write(
            cpu.resolve("cpu.cfs_period_us"), Long.toString(GroupLimits.PERIOD_MICROS));
        ControlFile.write(
            cpu.resolve("cpu.cfs_quota_us"),
            wanted.cpus() == 0 ? NO_LIMIT : Long.toString(wanted.quotaMicros()));
      }
      limits = wanted;
    }
    startCounting();
  }

  @Override
  public List<Path> processEntrances() {
    return processEntrances;
  }

  @Override
  public boolean kill() {
    return false;
  }

  @Override
  public synchronized long outOfMemoryKills() {
    return Math.max(0, kills() - killsBefore);
  }

  @Override
  public synchronized GroupUse use() {
    return new GroupUse(
        number(Controller.MEMORY, MEMORY_PEAK),
        Math.max(0, cpuNanos() - cpuNanosBefore) / NANOS_PER_MILLI,
        outOfMemoryKills(),
        Math.max(0, refused() - refusedBefore));
  }

  @Override
  public void release() {
    // It is kept for the cell's next run.
  }

  private void startCounting() throws IOException {
    Path memory = directories.get(Controller.MEMORY);
    if (memory != null) {
      // Cached pages of the last run's files would be counted as this one's, and be in its way.
      if (ControlFile.number(memory.resolve("memory.usage_in_bytes")) > LEFT_BYTES_MAX) {
        ControlFile.write(memory.resolve("memory.force_empty"), "0");
      }
      ControlFile.write(memory.resolve(MEMORY_PEAK), "0");
    }
    killsBefore = kills();
    refusedBefore = refused();
    cpuNanosBefore = cpuNanos();
  }

  /** The limit with swap may never be below the one without. */
  private static void limitMemory(Path memory, long bytes) throws IOException {
    String limit = bytes == 0 ? NO_LIMIT : Long.toString(bytes);
    Path both = memory.resolve(MEMORY_AND_SWAP_LIMIT);
    boolean countsSwap = Files.exists(both);
    if (countsSwap) {
      ControlFile.write(both, NO_LIMIT);
    }
    ControlFile.write(memory.resolve(MEMORY_LIMIT), limit);
    if (countsSwap) {
      ControlFile.write(both, limit);
    }
  }

  private long kills() {
    Path memory = directories.get(Controller.MEMORY);
    return memory == null
        ? 0
        : ControlFile.number(memory.resolve("memory.oom_control"), "oom_kill");
  }

  private long refused() {
    Path pids = directories.get(Controller.PIDS);
    return pids == null ? 0 : ControlFile.number(pids.resolve("pids.events"), "max");
  }

  private long cpuNanos() {
    return number(Controller.CPUACCT, "cpuacct.usage");
  }

  private long number(Controller controller, String file) {
    Path directory = directories.get(controller);
    return directory == null ? 0 : ControlFile.number(directory.resolve(file));
  }
}
