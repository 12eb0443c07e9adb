package dev.stoker.blob;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/** Files named by the SHA-256 of their content. Thread-safe. */
public interface BlobStore extends AutoCloseable {
  /**
   * Opens the store of a directory, which is made where it is missing. Uploads of an earlier life
   * are removed. Blocks.
   *
   * @return to be closed by the caller
   * @throws IOException for the operator, naming the directory: it cannot be made or written, or
   *     another process has it open
   */
  static BlobStore open(Vertx vertx, BlobSettings settings) throws IOException {
    return LocalBlobStore.open(vertx, settings, InstantSource.system());
  }

  /**
   * Begins an upload. The stream is written from one Vert.x context; its write queue fills when the
   * disk is slower than the writer.
   *
   * @param max more than this fails with PAYLOAD_TOO_LARGE, naming {@code field}
   */
  BlobUpload upload(String field, ByteSize max);

  /**
   * The blob's size, when it is here; it stays for a while: a {@link #sweep} takes no blob that was
   * found within the last ten minutes (or the configured age, if less). One stat.
   */
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
   * Takes a regular file into the store: moves it, or copies it when it is on another file system
   * or has other names (through which it could be changed later). The file must have no writer; no
   * directory on its path may be a link that leads elsewhere. On success it is on the disk, under
   * its digest; after a failure the file may be gone. Blocks.
   *
   * @throws IOException when it is not a regular file or cannot be read; the message names the file
   *     by its last name only, so a caller may see it
   */
  Blob adopt(Path file) throws IOException;

  /**
   * Removes blobs: those that {@code wanted} does not name and that were last used longer ago than
   * the configured age; and, while the store is larger than its configured size, the least recently
   * used unwanted ones. A blob that is linked, or was uploaded, adopted, found or linked within the
   * last ten minutes (or the configured age, if less) stays. Uploads that have had no content for
   * an hour fail. Runs on a thread of the store; a second sweep waits for the first.
   */
  Future<Swept> sweep(Predicate<Digest> wanted);

  /** Ends its threads; uploads under way fail. Idempotent. */
  @Override
  void close();

  /** What a sweep removed, and what the store holds after it. */
  record Swept(long removed, long removedBytes, long kept, long keptBytes) {}
}
