package dev.stoker.gateway;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one other node, in the same JVM: its store and its outputs are real. Thread-safe. */
record OtherNode(Vertx vertx, BlobStore here, BlobStore there, Outputs outputs) implements Peers {

  @Override
  public Future<Optional<Blob>> obtain(Digest digest, @Nullable String likely) {
    Optional<Blob> known = here.find(digest);
    if (known.isPresent() || there.find(digest).isEmpty()) {
      return Future.succeededFuture(known);
    }
    return vertx.executeBlocking(
        () -> {
          Path copy = Files.createTempFile("other-node", ".blob");
          Files.copy(there.path(digest), copy, StandardCopyOption.REPLACE_EXISTING);
          return Optional.of(here.adopt(copy));
        });
  }

  @Override
  public void spread(Digest digest) {}

  @Override
  public Optional<OutputReader> output(String node, RunId run, StdStream stream) {
    return outputs.live(run, stream);
  }
}
