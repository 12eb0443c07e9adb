package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Stdin;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** A body that is standard input: a few bytes are carried along, more become a blob. One use. */
final class StdinBody {
  private final BlobStore blobs;
  private final ByteSize max;
  private final BodyReader reader;
  private final Buffer head = Buffer.buffer();
  private @Nullable BlobSink blob;

  StdinBody(BlobStore blobs, ByteSize max, BodyReader reader) {
    this.blobs = blobs;
    this.max = max;
    this.reader = reader;
  }

  Future<Stdin> read() {
    if (reader.declaredLength() > max.bytes()) {
      return Future.failedFuture(BodyReader.tooLarge("stdin", max.bytes()));
    }
    return reader.read(this::take).compose(read -> end(), this::giveUp);
  }

  private void take(Buffer chunk) {
    BlobSink sink = blob;
    if (sink == null && head.length() + chunk.length() <= Stdin.INLINE_BYTES_MAX) {
      head.appendBuffer(chunk);
      return;
    }
    if (sink == null) {
      sink = new BlobSink(blobs.upload("stdin", max), reader);
      blob = sink;
      sink.write(head);
    }
    sink.write(chunk);
  }

  private Future<Stdin> end() {
    return blob == null
        ? Future.succeededFuture(new Stdin.Inline(head.getBytes()))
        : blob.finish().map(Blob::digest).map(Stdin.Blob::new);
  }

  private Future<Stdin> giveUp(Throwable e) {
    if (blob != null) {
      blob.abort();
    }
    return Future.failedFuture(e);
  }
}
