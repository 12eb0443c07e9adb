package dev.stoker.blob;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** Files named by the SHA-256 of their content. Thread-safe. */
public interface BlobStore extends AutoCloseable {
  /**
   * Begins an upload. The stream is written from one Vert.x context; its write queue fills when the
   * disk is slower than the writer.
   *
   * @param max more than this fails with PAYLOAD_TOO_LARGE, naming {@code field}
   */
  BlobUpload upload(String field, ByteSize max);

  /** The blob's size, when it is here. One stat. */
  Optional<Blob> find(Digest digest);

  /**
   * The file that holds a blob, to be read and never written. It may go away unless something
   * refers to it; who has opened it keeps it.
   *
   * @throws dev.stoker.run.ServiceException BLOB_NOT_FOUND
   */
  Path path(Digest digest);

  /**
   * Makes {@code target} a read-only name for the blob's content: a hard link where the file system
   * allows, else a copy. Blocks.
   *
   * @return to be closed after use: it tells whether somebody wrote through the link, and removes
   *     the blob from the store if so
   * @throws dev.stoker.run.ServiceException BLOB_NOT_FOUND
   */
  BlobLink link(Digest digest, Path target) throws IOException;

  /**
   * Takes a regular file into the store: hashes it and moves it, or copies it where it cannot be
   * moved. The file must have no other writer. Blocks.
   *
   * @throws IOException when it is not a regular file, has other names, or cannot be read
   */
  Blob adopt(Path file) throws IOException;

  /**
   * Removes blobs: those that {@code wanted} does not name and that were last used longer ago than
   * the configured age; and, while the store is larger than its configured size, the least recently
   * used unwanted ones. Removes uploads that were begun and never ended. Runs on the store's
   * thread.
   */
  Future<Swept> sweep(Predicate<Digest> wanted);

  /** Ends its threads; uploads under way fail. Idempotent. */
  @Override
  void close();

  /** What the store holds. */
  record Swept(long removed, long removedBytes, long kept, long keptBytes) {}
}
