package dev.stoker.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The bytes a child is still to be given. Confined to the loop's thread once it is watched. */
final class InputPipe {
  private final int fd;
  private final @Nullable LiveInput more;
  private byte[] bytes;
  private int written;
  private boolean open = true;

  /** Owns {@code fd}, which does not block. */
  InputPipe(int fd, byte[] bytes) {
    this.fd = fd;
    this.bytes = bytes;
    this.more = null;
  }

  /** The same for what comes while the child runs. */
  InputPipe(int fd, LiveInput more) {
    this.fd = fd;
    this.bytes = new byte[0];
    this.more = more;
  }

  int fd() {
    return fd;
  }

  boolean open() {
    return open;
  }

  /** Has {@code wake} called, by any thread, when there is more to write. */
  void onMore(Runnable wake) {
    if (more != null) {
      more.attach(wake);
    }
  }

  /**
   * Writes until all is written, the pipe is full, or nobody reads any more: a tool that does not
   * want its input makes no mistake.
   */
  void write(Libc libc, MemorySegment buffer) {
    while (open && (written < bytes.length || next())) {
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
    if (more == null || written < bytes.length || more.finished()) {
      close(libc);
    }
  }

  private boolean next() {
    byte[] taken = more == null ? null : more.poll();
    if (taken == null) {
      return false;
    }
    bytes = taken;
    written = 0;
    return true;
  }

  void close(Libc libc) {
    if (open) {
      open = false;
      libc.close(fd);
      if (more != null) {
        more.abandon();
      }
    }
  }
}
