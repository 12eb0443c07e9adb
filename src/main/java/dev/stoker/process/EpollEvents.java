package dev.stoker.process;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * The layout of {@code struct epoll_event} and of arrays of it. Stateless.
 *
 * <p>x86-64 alone packs it (12 bytes), so that 32-bit programs see the same; elsewhere it is
 * aligned (16 bytes).
 */
final class EpollEvents {
  static final int IN = 0x001;
  static final int OUT = 0x004;

  /** Tells once that something has become ready, not as long as it is. */
  static final int EDGE = 1 << 31;

  static final int CTL_ADD = 1;

  private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");
  static final int BYTES = PACKED ? 12 : 16;
  private static final int KEY_OFFSET = PACKED ? 4 : 8;

  private EpollEvents() {}

  static void put(MemorySegment event, int events, long key) {
    event.set(JAVA_INT_UNALIGNED, 0, events);
    event.set(JAVA_LONG_UNALIGNED, KEY_OFFSET, key);
  }

  static long key(MemorySegment array, int index) {
    return array.get(JAVA_LONG_UNALIGNED, (long) index * BYTES + KEY_OFFSET);
  }
}
