package dev.stoker.blob;

import dev.stoker.run.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file that is hashed while it is written. Not thread-safe: one task at a time, handed on under
 * its owner's lock.
 */
final class UploadFile {
  /** The JDK keeps an off-heap copy as large as the largest write, for each thread. */
  private static final int WRITE_BYTES_MAX = 64 * 1024;

  private final Path path;
  private final MessageDigest sha256 = Digest.newSha256();
  private @Nullable FileChannel channel;
  private long bytes;

  UploadFile(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  void write(byte[] content) throws IOException {
    FileChannel to = open();
    sha256.update(content);
    for (int at = 0; at < content.length; at += WRITE_BYTES_MAX) {
      ByteBuffer part =
          ByteBuffer.wrap(content, at, Math.min(WRITE_BYTES_MAX, content.length - at));
      while (part.hasRemaining()) {
        to.write(part);
      }
    }
    bytes += content.length;
  }

  /** Ends it: sealed, on the disk, closed. */
  Blob seal(Instant now) throws IOException {
    try (FileChannel ended = open()) {
      BlobFiles.seal(path, ended, now);
    }
    return new Blob(Digest.from(sha256), bytes);
  }

  /** Closes and removes it. */
  void discard() throws IOException {
    FileChannel open = channel;
    if (open != null) {
      open.close();
    }
    Files.deleteIfExists(path);
  }

  private FileChannel open() throws IOException {
    FileChannel now = channel;
    if (now == null) {
      now = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      channel = now;
    }
    return now;
  }
}
