package dev.stoker.output;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a stream that has outgrown memory. Written by one worker at a time, read by any; open
 * and close are guarded by the lock of the spool that owns it.
 */
final class SpoolFile {
  private static final Logger LOG = LoggerFactory.getLogger(SpoolFile.class);

  private final Path path;
  private final AtomicLong allBytes;
  private @Nullable FileChannel channel;
  private long bytes;

  SpoolFile(Path path, AtomicLong allBytes) {
    this.path = path;
    this.allBytes = allBytes;
  }

  Path path() {
    return path;
  }

  /** Adds to the end, making the file at first. Blocks. */
  void append(ByteBuffer chunk) throws IOException {
    FileChannel to = channel;
    if (to == null) {
      to =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      channel = to;
    }
    int length = chunk.remaining();
    while (chunk.hasRemaining()) {
      bytes += to.write(chunk, bytes);
    }
    allBytes.addAndGet(length);
  }

  /** What has been opened by {@link #append}; stays readable when the file gets another name. */
  FileChannel channel() throws IOException {
    FileChannel open = channel;
    if (open == null || !open.isOpen()) {
      throw new IOException("the output is gone");
    }
    return open;
  }

  /** Closes and removes it, or closes it where it has another name by now. Idempotent. */
  void close() {
    if (channel != null) {
      closeQuietly(channel);
      channel = null;
      allBytes.addAndGet(-bytes);
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.warn("cannot remove the spool file {}", path, e);
      }
    }
  }

  static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.warn("cannot close a spool file", e);
    }
  }
}
