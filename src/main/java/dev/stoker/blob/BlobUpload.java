package dev.stoker.blob;

import dev.stoker.run.Digest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;

/** Content on its way into the store. Confined to the context that writes it. */
public interface BlobUpload extends WriteStream<Buffer> {
  /** Ends the content. Succeeds when it is in the store under its digest, durably renamed. */
  Future<Blob> finish();

  /**
   * Ends content whose digest is known. Fails with DIGEST_MISMATCH when it is other content; then
   * nothing of it is kept.
   */
  Future<Blob> finish(Digest expected);

  /** Gives it up and removes what was written. Idempotent; nothing happens after a finish. */
  void abort();
}
