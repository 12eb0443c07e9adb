package dev.stoker.peer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.cluster.Members;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.run.Digest;
import dev.stoker.run.RunId;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gets from other nodes what is not here. Thread-safe. */
public interface Peers extends AutoCloseable {
  /** A node that has no others. */
  static Peers alone(BlobStore blobs) {
    return new NoPeers(blobs);
  }

  /**
   * A node among others: answers what they ask of this life of it, from soon after this returns.
   *
   * @return to be closed by the caller, before the stores and Vert.x
   */
  static Peers over(Vertx vertx, Members members, BlobStore blobs, Outputs outputs) {
    return new NodePeers(vertx, members, blobs, outputs);
  }

  /**
   * Sees to it that a blob is in this node's store. One that is here is there at once; else it is
   * fetched, from {@code likely} first, and its content is checked by its digest. Several that ask
   * for one blob share one transfer.
   *
   * @param likely the name of the node that should have it; null when nobody knows
   * @return empty when no node that can be reached has it; fails with STORAGE_FULL when this one
   *     cannot keep it
   */
  Future<Optional<Blob>> obtain(Digest digest, @Nullable String likely);

  /**
   * Has one other node keep a blob of this node's too, so that it outlives this one. Best effort,
   * in the background; nothing happens where there is no other.
   */
  void spread(Digest digest);

  /**
   * A reader of a stream of a run that is under way on another node; it waits for the bytes and
   * learns the end as a reader there does, and fails with OUTPUT_NOT_FOUND when that node does not
   * have the run, or goes away. It is asked at once, so a run may end there before the first read.
   * Until an answer has come the size is 0; who needs it first waits for {@code read(0, 0)}.
   *
   * <p>A read gives 128 KiB at most. Closing it closes it there; a reader that is not closed keeps
   * what it reads open as long as both nodes live.
   *
   * @param node its name
   * @return empty when it is not in the cluster, or is this one
   */
  Optional<OutputReader> output(String node, RunId run, StdStream stream);

  /**
   * Answers nobody any more; what this node still asks fails, and readers lent to others are
   * closed. Returns before that has happened. Idempotent.
   */
  @Override
  default void close() {}
}
