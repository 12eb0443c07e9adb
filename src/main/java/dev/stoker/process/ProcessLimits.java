package dev.stoker.process;

import dev.stoker.run.Outcome;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a process and its tree are held to. Immutable. Only the native runner can: see {@link
 * ProcessRunner#takesLimits}.
 *
 * <p>With one of the first two, or a gate that {@link Gate#waits}, a process is started as a shell
 * ({@code /bin/sh}) that waits until all is set, and then becomes the program. That takes about a
 * millisecond more, and the program is called by its path whatever {@code argv[0]} says.
 *
 * @param openFiles of each process, RLIMIT_NOFILE; not more than this JVM may have itself
 * @param fileBytes the largest that a file may become by a write, RLIMIT_FSIZE
 * @param gate what else is done before the program runs
 * @param watch what is looked at while it runs
 */
public record ProcessLimits(
    @Nullable Integer openFiles,
    @Nullable Long fileBytes,
    @Nullable Gate gate,
    @Nullable Watch watch) {
  /** No limits. */
  public static final ProcessLimits NONE = new ProcessLimits(null, null, null, null);

  /** Whether its tree is to be looked at while it runs. */
  boolean needsLooks() {
    return watch != null || gate != null;
  }

  /** Whether a process must wait for something before it becomes its program. */
  boolean needsGate() {
    return openFiles != null || fileBytes != null || (gate != null && gate.waits());
  }

  /** What is to be done around a process's start. */
  public interface Gate {
    /**
     * There is no process yet. On a spawning thread, may block briefly.
     *
     * @throws IOException when none may be started: the start has failed
     */
    void prepare() throws IOException;

    /** Whether the process has to wait for {@link #admit}; else that is not called. */
    boolean waits();

    /**
     * The process is there and waits; it has started nothing yet. On a spawning thread, may block
     * briefly.
     *
     * @throws IOException when it may not go on: it is killed, and the start has failed
     */
    void admit(int pid) throws IOException;

    /**
     * What the tree's outcome is because it has met a limit, and it is to be killed; null if it has
     * not. On a thread of its own, ten times a second while the process runs.
     */
    @Nullable Outcome judge();

    /** The process has ended, or is to: whoever it has started may be killed. Does not block. */
    void kill();
  }

  /**
   * What a tree may have at a moment, where the kernel does not limit it: looked at ten times a
   * second, so that it may have more for as long.
   *
   * @param memoryBytes resident, shared pages divided by those who share them; 0 for no limit
   * @param onMemory what a tree's outcome is that had more
   * @param tasks processes and threads; 0 for no limit
   * @param onTasks what a tree's outcome is that had more
   */
  public record Watch(long memoryBytes, Outcome onMemory, int tasks, Outcome onTasks) {}
}
