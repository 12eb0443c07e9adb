package dev.stoker.output;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Reads an ended stream that is in memory. */
final class BytesReader implements OutputReader {
  private final Buffer content;

  BytesReader(byte[] content) {
    this.content = Buffer.buffer(content);
  }

  @Override
  public long size() {
    return content.length();
  }

  @Override
  public boolean ended() {
    return true;
  }

  @Override
  public Future<Buffer> read(long offset, int max) {
    int from = (int) Math.min(offset, content.length());
    return Future.succeededFuture(content.slice(from, Math.min(content.length(), from + max)));
  }

  @Override
  public Future<Void> more(long offset) {
    return Future.succeededFuture();
  }

  @Override
  public void close() {}
}
