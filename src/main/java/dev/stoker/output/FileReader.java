package dev.stoker.output;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Reads an ended stream that is a file. The file is opened by the first read, on a worker. */
final class FileReader implements OutputReader {
  private final Vertx vertx;
  private final Path file;
  private final long size;

  /** Guarded by {@code this}. */
  private @Nullable FileChannel channel;

  private boolean closed;

  FileReader(Vertx vertx, Path file, long size) {
    this.vertx = vertx;
    this.file = file;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean ended() {
    return true;
  }

  @Override
  public Future<Buffer> read(long offset, int max) {
    int length = (int) Math.clamp(size - offset, 0L, max);
    if (length == 0) {
      return Future.succeededFuture(Buffer.buffer());
    }
    return vertx.executeBlocking(() -> readFully(channel(), offset, length), false);
  }

  @Override
  public Future<Void> more(long offset) {
    return Future.succeededFuture();
  }

  @Override
  public synchronized void close() {
    closed = true;
    SpoolFile.closeQuietly(channel);
    channel = null;
  }

  private synchronized FileChannel channel() throws IOException {
    if (closed) {
      throw new IOException("the reader is closed");
    }
    if (channel == null) {
      channel = FileChannel.open(file, StandardOpenOption.READ);
    }
    return channel;
  }

  /** Reads {@code length} bytes, fewer only at the end of the file. Blocks. */
  static Buffer readFully(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        break;
      }
    }
    return bytes.hasRemaining()
        ? Buffer.buffer(bytes.array()).slice(0, bytes.position())
        : Buffer.buffer(bytes.array());
  }
}
