package dev.stoker.sandbox;

import dev.stoker.cgroup.Cgroups;
import dev.stoker.cgroup.Group;
import dev.stoker.cgroup.GroupLimits;
import dev.stoker.cgroup.GroupUse;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessLimits;
import dev.stoker.process.ProcessLimits.Watch;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.StartFailure;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.StdStream;
import dev.stoker.run.Usage;
import dev.stoker.tool.ToolDefinition.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One run that is held to limits: its group while it has one, and the word on an end that a limit
 * has brought about. Called by the process engine's threads, one after the other.
 */
final class LimitedRun implements ProcessLimits.Gate, ProcessListener {
  private static final String FILE_TOO_LARGE = "SIGXFSZ";

  /** What a shell makes of a child's end by that signal. */
  private static final int CHILD_FILE_TOO_LARGE = 128 + 25;

  private final Cgroups cgroups;
  private final String cell;
  private final Resources resources;
  private final ProcessListener listener;
  private final GroupLimits groupLimits;
  private final boolean grouped;
  private final List<Path> threadEntrances;
  private volatile @Nullable Group group;

  /**
   * A run that is about to start.
   *
   * @param resources what it is held to; null is not limited
   */
  LimitedRun(Cgroups cgroups, String cell, Resources resources, ProcessListener listener) {
    this.cgroups = cgroups;
    this.cell = cell;
    this.resources = resources;
    this.listener = listener;
    GroupLimits wanted =
        new GroupLimits(
            cgroups.limitsMemory() ? bytes(resources.memory()) : 0,
            cgroups.limitsCpu() && resources.cpu() != null ? resources.cpu() : 0,
            cgroups.limitsTasks() ? count(resources.pids()) : 0);
    grouped = !wanted.equals(new GroupLimits(0, 0, 0));
    threadEntrances = grouped ? cgroups.threadEntrances(cell) : List.of();
    // The thread that lives in the group is one of its tasks.
    boolean oneMore = wanted.tasks() > 0 && !threadEntrances.isEmpty();
    groupLimits =
        oneMore ? new GroupLimits(wanted.memoryBytes(), wanted.cpus(), wanted.tasks() + 1) : wanted;
  }

  /** Where the thread that starts it is to be; nowhere if it is empty. */
  List<Path> threadEntrances() {
    return threadEntrances;
  }

  /** For the process engine. */
  ProcessLimits limits() {
    return new ProcessLimits(
        resources.openFiles(),
        resources.fileSize() == null ? null : resources.fileSize().bytes(),
        grouped ? this : null,
        watch());
  }

  @Override
  public void prepare() throws IOException {
    group = cgroups.group(cell, groupLimits).orElse(null);
  }

  /** Only where the process cannot be born in its group. */
  @Override
  public boolean waits() {
    return grouped && threadEntrances.isEmpty();
  }

  @Override
  public void admit(int pid) throws IOException {
    Group own = group;
    if (own != null) {
      own.take(pid);
    }
  }

  /** Version 1 kills one process of several, and leaves the others to wait for it. */
  @Override
  public @Nullable Outcome judge() {
    Group own = group;
    return own != null && groupLimits.memoryBytes() > 0 && own.outOfMemoryKills() > 0
        ? tooMuchMemory()
        : null;
  }

  @Override
  public void kill() {
    Group own = group;
    if (own != null) {
      own.kill();
    }
  }

  @Override
  public void onStarted(long pid) {
    listener.onStarted(pid);
  }

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    return listener.onOutput(stream, chunk);
  }

  @Override
  public void onEnded(ProcessEnd end) {
    Group own = group;
    GroupUse use = own == null ? null : own.use();
    release();
    Outcome verdict = end.verdict() == null ? verdict(end.exit(), use) : end.verdict();
    listener.onEnded(
        new ProcessEnd(
            end.exit(),
            usage(end.usage(), use),
            end.strays(),
            end.stdoutCut(),
            end.stderrCut(),
            verdict));
  }

  @Override
  public void onStartFailed(StartFailure failure) {
    release();
    listener.onStartFailed(failure);
  }

  private void release() {
    Group own = group;
    group = null;
    if (own != null) {
      own.release();
    }
  }

  private @Nullable Watch watch() {
    long memory = cgroups.limitsMemory() ? 0 : bytes(resources.memory());
    int tasks = cgroups.limitsTasks() ? 0 : count(resources.pids());
    return memory == 0 && tasks == 0
        ? null
        : new Watch(memory, tooMuchMemory(), tasks, new Outcome.Failed(tooManyTasks()));
  }

  /** What the exit alone does not tell; null when it does. */
  private @Nullable Outcome verdict(Exit exit, @Nullable GroupUse use) {
    // Also of one that says it succeeded: something that it had started was killed.
    if (use != null && use.outOfMemoryKills() > 0) {
      return tooMuchMemory();
    }
    if (exit.equals(new Exit.Code(0))) {
      return null;
    }
    if (resources.fileSize() != null && isFileTooLarge(exit)) {
      return new Outcome.OutputLimit(
          "a file that it wrote exceeded limits.fileSize, which allows " + resources.fileSize());
    }
    if (use != null && use.forksRefused() > 0) {
      return new Outcome.Failed(words(exit) + ": " + tooManyTasks());
    }
    return null;
  }

  private Outcome tooMuchMemory() {
    return new Outcome.OutOfMemory(
        "its processes together exceeded limits.memory, which allows " + resources.memory());
  }

  private String tooManyTasks() {
    return "limits.pids allows " + resources.pids() + " processes and threads, and it wanted more";
  }

  /** A group counts everybody, the engine only those who were waited for. */
  private static @Nullable Usage usage(@Nullable Usage told, @Nullable GroupUse use) {
    if (use == null) {
      return told;
    }
    long cpu = told == null ? 0 : told.cpuMillis();
    long peak = told == null ? Usage.UNKNOWN : told.memoryPeakBytes();
    return new Usage(
        Math.max(use.cpuMillis(), cpu), use.memoryPeakBytes() > 0 ? use.memoryPeakBytes() : peak);
  }

  private static boolean isFileTooLarge(Exit exit) {
    return switch (exit) {
      case Exit.Code(int code) -> code == CHILD_FILE_TOO_LARGE;
      case Exit.Signal signal -> signal.name().equals(FILE_TOO_LARGE);
    };
  }

  private static String words(Exit exit) {
    return switch (exit) {
      case Exit.Code(int code) -> "exit code " + code;
      case Exit.Signal signal -> "ended by " + signal.name();
    };
  }

  private static long bytes(@Nullable ByteSize size) {
    return size == null ? 0 : size.bytes();
  }

  private static int count(@Nullable Integer count) {
    return count == null ? 0 : count;
  }
}
