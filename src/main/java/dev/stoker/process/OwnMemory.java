package dev.stoker.process;

/** The largest resident set this JVM has had. Confined to the loop's thread. */
final class OwnMemory {
  /** The kernel's counters are not exact: it keeps a part of them for each processor. */
  private static final long DOUBT_BYTES = 8 << 20;

  private static final int SELF = (int) ProcessHandle.current().pid();

  /** It only grows, so that an old figure is a lower bound. */
  private long atLeastBytes;

  boolean isExceededBy(long bytes) {
    if (bytes <= atLeastBytes + DOUBT_BYTES) {
      return false;
    }
    atLeastBytes = ProcFs.residentPeakBytes(SELF);
    return bytes > atLeastBytes + DOUBT_BYTES;
  }
}
