package dev.stoker.process;

import java.util.List;

/**
 * A system call without memory: its number on this machine, and at most four arguments. Immutable.
 */
public record SystemCall(long number, List<Long> arguments) {
  private static final int ARGUMENTS_MAX = 4;

  public SystemCall {
    arguments = List.copyOf(arguments);
    if (arguments.size() > ARGUMENTS_MAX) {
      throw new IllegalArgumentException("a call of " + arguments.size() + " arguments");
    }
  }

  /** That call. */
  public static SystemCall of(long number, Long... arguments) {
    return new SystemCall(number, List.of(arguments));
  }

  /** Makes it; what the kernel returns, an error's number negated. */
  long make(Libc libc) {
    return libc.syscall(number, argument(0), argument(1), argument(2), argument(3));
  }

  private long argument(int index) {
    return index < arguments.size() ? arguments.get(index) : 0;
  }
}
