package dev.stoker.peer;

import dev.stoker.blob.Blob;
import dev.stoker.blob.BlobStore;
import dev.stoker.blob.BlobUpload;
import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.NodeId;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;

/**
 * One blob from one node, into this one's store. A few pieces are asked for ahead; one counts until
 * the disk has it, so the disk sets the pace. Confined to one context; one use.
 *
 * <pre>
 *   0 ... written (in the store)  ... given (to the store) ... asked ... size
 *              └────────────── PIECES_AHEAD_MAX ───────────────┘
 * </pre>
 */
final class Pull {
  private static final int PIECES_AHEAD_MAX = 8;
  private static final ByteSize ANY_SIZE = new ByteSize(Long.MAX_VALUE);

  private final Asker asker;
  private final Digest digest;
  private final NodeId from;
  private final BlobUpload upload;
  private final Promise<Blob> result = Promise.promise();
  private final Map<Long, Buffer> early = new HashMap<>();
  private long size = Long.MAX_VALUE;
  private long asked;
  private long given;
  private int ahead;

  private Pull(Asker asker, BlobStore blobs, Digest digest, NodeId from) {
    this.asker = asker;
    this.digest = digest;
    this.from = from;
    this.upload = blobs.upload("blob", ANY_SIZE);
  }

  /** That node did not give it; another may. */
  static final class NotGivenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotGivenException(Throwable cause) {
      super(cause.getMessage(), cause, false, false);
    }
  }

  /**
   * Pulls it. Fails with a NotGivenException when another node may do better, else with the
   * ServiceException of this node's store. After a failure nothing of it is kept.
   */
  static Future<Blob> pull(Asker asker, BlobStore blobs, Digest digest, NodeId from) {
    Pull pull = new Pull(asker, blobs, digest, from);
    // How much there is comes with the first piece.
    pull.ask();
    return pull.result.future().onFailure(e -> pull.upload.abort());
  }

  private void ask() {
    long offset = asked;
    ahead++;
    asked += Question.PIECE_BYTES_MAX;
    asker
        .ask(from, new Question.Piece(digest, offset, Question.PIECE_BYTES_MAX))
        .onComplete(piece -> take(offset, piece), this::notGiven);
  }

  private void take(long offset, Answer piece) {
    if (result.future().isComplete()) {
      return;
    }
    if (offset == 0) {
      size = piece.size();
    }
    long due = Math.min(size - offset, Question.PIECE_BYTES_MAX);
    if (piece.size() != size || piece.bytes().length() != due) {
      notGiven(new ServiceException(ErrorCode.BLOB_NOT_FOUND, digest + " changed in size"));
      return;
    }
    early.put(offset, piece.bytes());
    give();
  }

  /** Gives the store what is next. */
  private void give() {
    Buffer next = early.remove(given);
    while (next != null && given < size) {
      given += next.length();
      upload.write(next).onComplete(written -> written(), result::tryFail);
      next = early.remove(given);
    }
    if (given == size) {
      upload.finish(digest).onComplete(result::tryComplete, this::notStored);
    }
  }

  private void written() {
    ahead--;
    fill();
  }

  private void fill() {
    while (ahead < PIECES_AHEAD_MAX && asked < size && !result.future().isComplete()) {
      ask();
    }
  }

  private void notStored(Throwable cause) {
    if (cause instanceof ServiceException service && service.code() == ErrorCode.DIGEST_MISMATCH) {
      notGiven(cause);
    } else {
      result.tryFail(cause);
    }
  }

  private void notGiven(Throwable cause) {
    result.tryFail(new NotGivenException(cause));
  }
}
