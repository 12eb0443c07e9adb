package dev.stoker.cgroup;

import dev.stoker.cgroup.Hierarchy.Ability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One run's directory, made for it and removed after it. Thread-safe. */
final class SecondVersionGroup implements Group {
  private static final long MICROS_PER_MILLI = 1_000;

  private final Path directory;
  private final Consumer<Path> whenLeft;
  private final AtomicBoolean released = new AtomicBoolean();

  /**
   * Limits an empty group.
   *
   * @param whenLeft is given the directory when it cannot be removed yet
   */
  SecondVersionGroup(
      Path directory, GroupLimits limits, Set<Ability> abilities, Consumer<Path> whenLeft)
      throws IOException {
    this.directory = directory;
    this.whenLeft = whenLeft;
    if (abilities.contains(Ability.MEMORY) && limits.memoryBytes() > 0) {
      write("memory.max", Long.toString(limits.memoryBytes()));
      if (Files.exists(directory.resolve("memory.swap.max"))) {
        write("memory.swap.max", "0");
      }
      write("memory.oom.group", "1");
    }
    if (abilities.contains(Ability.TASKS) && limits.tasks() > 0) {
      write("pids.max", Integer.toString(limits.tasks()));
    }
    if (abilities.contains(Ability.CPU) && limits.cpus() > 0) {
      write("cpu.max", limits.quotaMicros() + " " + GroupLimits.PERIOD_MICROS);
    }
  }

  @Override
  public List<Path> processEntrances() {
    return List.of(directory.resolve("cgroup.procs"));
  }

  @Override
  public boolean kill() {
    try {
      // Linux 5.14
      write("cgroup.kill", "1");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public long outOfMemoryKills() {
    return ControlFile.number(directory.resolve("memory.events"), "oom_kill");
  }

  @Override
  public GroupUse use() {
    return new GroupUse(
        // Linux 5.19
        ControlFile.number(directory.resolve("memory.peak")),
        ControlFile.number(directory.resolve("cpu.stat"), "usage_usec") / MICROS_PER_MILLI,
        outOfMemoryKills(),
        ControlFile.number(directory.resolve("pids.events"), "max"));
  }

  @Override
  public void release() {
    if (released.compareAndSet(false, true) && !Directories.remove(directory)) {
      whenLeft.accept(directory);
    }
  }

  private void write(String file, String text) throws IOException {
    ControlFile.write(directory.resolve(file), text);
  }
}
