package dev.stoker.peer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.output.OutputReader;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is here is all there is. Thread-safe. */
final class NoPeers implements Peers {
  private final BlobStore blobs;

  NoPeers(BlobStore blobs) {
    this.blobs = blobs;
  }

  @Override
  public Future<Optional<Blob>> obtain(Digest digest, @Nullable String likely) {
    return Future.succeededFuture(blobs.find(digest));
  }

  @Override
  public void spread(Digest digest) {
    // Nobody else is there.
  }

  @Override
  public Optional<OutputReader> output(String node, RunId run, StdStream stream) {
    return Optional.empty();
  }
}
