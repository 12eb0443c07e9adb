package dev.stoker.process;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.stoker.run.Exit;
import dev.stoker.run.Signals;
import dev.stoker.run.Usage;
import java.lang.foreign.MemorySegment;

/** What {@code wait4} told: a wait status and {@code struct rusage}. Immutable. */
record WaitResult(Exit exit, Usage usage) {
  /** Where the usage is kept behind the status, aligned. */
  static final int USAGE_OFFSET = 16;

  private static final int SYSTEM_TIME_OFFSET = 16;
  private static final int PEAK_KIB_OFFSET = 32;

  /** Reads both; rusage is the same on every 64-bit Linux. */
  static WaitResult at(MemorySegment status, int usageOffset) {
    long micros = micros(status, usageOffset) + micros(status, usageOffset + SYSTEM_TIME_OFFSET);
    long peakBytes = status.get(JAVA_LONG, usageOffset + PEAK_KIB_OFFSET) * 1024;
    return new WaitResult(exit(status.get(JAVA_INT, 0)), new Usage(micros / 1000, peakBytes));
  }

  /** The macros WIFSIGNALED, WTERMSIG and WEXITSTATUS of wait(2). */
  static Exit exit(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new Exit.Code((status >> 8) & 0xff) : Signals.byNumber(signal);
  }

  private static long micros(MemorySegment usage, int offset) {
    return usage.get(JAVA_LONG, offset) * 1_000_000 + usage.get(JAVA_LONG, offset + 8);
  }
}
