package dev.stoker.request;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.exchange.Exchange;
import dev.stoker.run.ByteSize;
import io.vertx.core.Future;

/** A body that becomes a blob, however large. Confined to the exchange's context. */
public final class BlobBody {
  private final BlobStore blobs;
  private final ByteSize max;

  /**
   * Makes one.
   *
   * @param max of one body; more is a PAYLOAD_TOO_LARGE
   */
  public BlobBody(BlobStore blobs, ByteSize max) {
    this.blobs = blobs;
    this.max = max;
  }

  /** Stores the exchange's body; of one that does not come whole nothing is left. */
  public Future<Blob> store(Exchange exchange) {
    BodyReader reader = new BodyReader(exchange);
    if (reader.declaredLength() > max.bytes()) {
      return Future.failedFuture(BodyReader.tooLarge("body", max.bytes()));
    }
    BlobSink sink = new BlobSink(blobs.upload("body", max), reader);
    return reader
        .read(sink::write)
        .compose(
            read -> sink.finish(),
            e -> {
              sink.abort();
              return Future.failedFuture(e);
            });
  }
}
