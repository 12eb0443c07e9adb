package dev.stoker.blob;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/** Content on its way into the store. Confined to the context that writes it. */
public interface BlobUpload extends WriteStream<Buffer> {
  /** Ends the content. Succeeds when it is in the store under its digest, durably renamed. */
  Future<Blob> finish();

  /** Gives it up and removes what was written. Idempotent; nothing happens after a finish. */
  void abort();
}
