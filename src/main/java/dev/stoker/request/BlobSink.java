package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobUpload;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Writes a body into a blob no faster than the disk takes it. Confined to the body's context. */
final class BlobSink {
  private final BlobUpload upload;
  private final BodyReader reader;

  BlobSink(BlobUpload upload, BodyReader reader) {
    this.upload = upload;
    this.reader = reader;
  }

  void write(Buffer chunk) {
    upload.write(chunk).onFailure(reader::fail);
    if (upload.writeQueueFull()) {
      reader.pause();
      upload.drainHandler(room -> reader.resume());
    }
  }

  Future<Blob> finish() {
    return upload.finish();
  }

  void abort() {
    upload.abort();
  }
}
