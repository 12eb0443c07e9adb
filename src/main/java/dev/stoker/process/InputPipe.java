package dev.stoker.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** The bytes a child is still to be given. Confined to the loop's thread once it is watched. */
final class InputPipe {
  private final int fd;
  private final byte[] bytes;
  private int written;
  private boolean open = true;

  /** Owns {@code fd}, which does not block. */
  InputPipe(int fd, byte[] bytes) {
    this.fd = fd;
    this.bytes = bytes;
  }

  int fd() {
    return fd;
  }

  boolean open() {
    return open;
  }

  /**
   * Writes until all is written, the pipe is full, or nobody reads any more: a tool that does not
   * want its input makes no mistake.
   */
  void write(Libc libc, MemorySegment buffer) {
    while (open && written < bytes.length) {
      int length = (int) Math.min(buffer.byteSize(), bytes.length - written);
      MemorySegment.copy(bytes, written, buffer, JAVA_BYTE, 0, length);
      int count = libc.write(fd, buffer, length);
      if (count == -Errno.EAGAIN) {
        return;
      }
      if (count < 0) {
        break;
      }
      written += count;
    }
    close(libc);
  }

  void close(Libc libc) {
    if (open) {
      open = false;
      libc.close(fd);
    }
  }
}
