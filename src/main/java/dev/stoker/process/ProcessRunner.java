package dev.stoker.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes and sees each to its end: the whole tree dead and reaped, its pipes closed.
 * Thread-safe. One runner a JVM: the native one makes the JVM the reaper of orphaned descendants.
 */
public interface ProcessRunner extends AutoCloseable {
  /**
   * Opens the runner that the settings ask for; {@link #describe} says which that is.
   *
   * @throws IllegalStateException when the native way is demanded and this system lacks something;
   *     the message says what
   */
  static ProcessRunner open(ProcessSettings settings) {
    return switch (settings.engine()) {
      case NATIVE -> NativeRunner.open(settings);
      case PORTABLE -> new PortableRunner("as configured");
      case AUTO -> {
        try {
          yield NativeRunner.open(settings);
        } catch (NativeUnavailableException e) {
          yield new PortableRunner(e.reason());
        }
      }
    };
  }

  /**
   * Starts a process soon, on a thread of the runner's own; returns at once. What becomes of it is
   * told to {@code listener}. How many may wait to be started has no bound here: the caller has
   * slots.
   *
   * @throws IllegalStateException when the runner is closed
   */
  RunningProcess start(ProcessSpec spec, ProcessListener listener);

  /**
   * Makes system calls, one after the other, on a thread as restricted as a process of this
   * confinement; on an unrestricted one when it is null. For finding out what holds here. Blocks.
   *
   * @return what each returned, an error's number negated
   * @throws IllegalStateException when there is no such thread to be had; the message says why
   */
  List<Long> call(@Nullable Confinement confinement, List<SystemCall> calls);

  /** What was chosen and why, for the log: {@code posix_spawn and epoll (Linux x86-64, glibc)}. */
  String describe();

  /** Processes that have been asked for and are not over. */
  int active();

  /**
   * Kills every process of this machine that an earlier JVM left behind: those whose mark starts
   * with {@code markPrefix} and that do not descend from this JVM, and all of their groups and
   * sessions. Blocks for up to five seconds. Finds none where there is no {@code /proc}.
   *
   * @return how many were killed
   */
  int killLeftovers(String markPrefix);

  /**
   * Kills all that is left, waits for it up to five seconds, and ends the threads. Idempotent. Not
   * to be called by a listener, which it would wait for.
   */
  @Override
  void close();
}
