package dev.stoker.function;

import dev.stoker.run.ByteSize;
import dev.stoker.tool.ToolDefinition.Resources;
import org.jspecify.annotations.Nullable;

/**
 * What a run may still write into its directory. Counts what is written; what is removed or written
 * over is not given back, so that it never allows more than the limit. Confined to the run's
 * thread.
 */
final class DiskAllowance {
  /** What a file costs that has nothing in it, and the least that a write elsewhere costs. */
  static final int BLOCK_BYTES = 4096;

  private final long fileBytesMax;
  private long left;

  DiskAllowance(Resources limits) {
    this.left = bytes(limits.disk());
    this.fileBytesMax = bytes(limits.fileSize());
  }

  private static long bytes(@Nullable ByteSize limit) {
    return limit == null ? Long.MAX_VALUE : limit.bytes();
  }

  /** Pays for a new file or directory; an errno. */
  int create() {
    return take(BLOCK_BYTES);
  }

  /** Whether a file may be so long; an errno. */
  int length(long bytes) {
    return bytes < 0 || bytes > fileBytesMax ? Errno.EFBIG : Errno.SUCCESS;
  }

  /**
   * Pays for bytes of a file; an errno.
   *
   * @param expected where the last write through the same descriptor ended: elsewhere a few bytes
   *     cost whole blocks, as they do on the disk
   */
  int write(long position, int count, long expected) {
    long end = position + count;
    int tooLong = length(end);
    if (tooLong != Errno.SUCCESS) {
      return tooLong;
    }
    long blocks = (end - 1) / BLOCK_BYTES - position / BLOCK_BYTES + 1;
    return take(position == expected ? count : blocks * BLOCK_BYTES);
  }

  private int take(long bytes) {
    if (bytes > left) {
      return Errno.ENOSPC;
    }
    left -= bytes;
    return Errno.SUCCESS;
  }
}
