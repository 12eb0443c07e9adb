package dev.stoker.peer;

import dev.stoker.blob.BlobStore;
import dev.stoker.peer.Question.Close;
import dev.stoker.peer.Question.Has;
import dev.stoker.peer.Question.Keep;
import dev.stoker.peer.Question.More;
import dev.stoker.peer.Question.Piece;
import dev.stoker.peer.Question.Read;
import dev.stoker.peer.Question.Stay;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers other nodes. Confined to one context; files are read on workers, opened for one piece
 * only, so none stays open for an asker that has gone.
 */
final class Answerer {
  private static final Logger LOG = LoggerFactory.getLogger(Answerer.class);
  private static final int PIECES_AT_ONCE_MAX = 8;
  private static final int PIECES_WAITING_MAX = 4096;

  private final Vertx vertx;
  private final BlobStore blobs;
  private final LentReaders readers;
  private final Transfers transfers;
  private final Turns pieces = new Turns(PIECES_AT_ONCE_MAX, PIECES_WAITING_MAX);

  Answerer(Vertx vertx, BlobStore blobs, LentReaders readers, Transfers transfers) {
    this.vertx = vertx;
    this.blobs = blobs;
    this.readers = readers;
    this.transfers = transfers;
  }

  void answer(Message<JsonObject> message) {
    Future.succeededFuture(message)
        .map(asked -> parse(asked.body()))
        .compose(this::answer)
        .onComplete(told -> told.to(message), failed -> fail(message, failed));
  }

  private static Question parse(JsonObject body) {
    try {
      return Question.parse(body);
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.INVALID_REQUEST, "no question: " + e.getMessage());
    }
  }

  private static void fail(Message<?> message, Throwable failed) {
    if (failed instanceof ServiceException expected) {
      message.fail(expected.code().number(), expected.getMessage());
    } else {
      LOG.warn("{} could not be answered", message.body(), failed);
      message.fail(ErrorCode.INTERNAL.number(), "an internal error");
    }
  }

  private Future<Answer> answer(Question question) {
    return switch (question) {
      case Has(Digest digest) ->
          blobs
              .find(digest)
              .map(blob -> Future.succeededFuture(Answer.none(blob.bytes())))
              .orElseGet(() -> Future.failedFuture(notHere(digest)));
      case Piece piece -> pieces.take(() -> vertx.executeBlocking(() -> read(piece), false));
      case Keep(Digest digest, String from) ->
          transfers
              .obtain(digest, from)
              .compose(
                  kept ->
                      kept.map(blob -> Future.succeededFuture(Answer.none(blob.bytes())))
                          .orElseGet(() -> Future.failedFuture(notHere(digest))));
      case Read read -> readers.read(read);
      case More more -> readers.more(more);
      case Stay(var reader) -> readers.stay(reader);
      case Close(var reader) -> readers.close(reader);
    };
  }

  /** Blocks. */
  private Answer read(Piece piece) throws IOException {
    try (FileChannel file = FileChannel.open(blobs.path(piece.digest()), StandardOpenOption.READ)) {
      long size = file.size();
      ByteBuffer bytes =
          ByteBuffer.allocate((int) Math.clamp(size - piece.offset(), 0L, piece.max()));
      while (bytes.hasRemaining()) {
        if (file.read(bytes, piece.offset() + bytes.position()) < 0) {
          throw new IOException(piece.digest() + " became shorter while it was read");
        }
      }
      return new Answer(Buffer.buffer(bytes.array()), size, true);
    }
  }

  private static ServiceException notHere(Digest digest) {
    return new ServiceException(ErrorCode.BLOB_NOT_FOUND, "there is no blob " + digest);
  }
}
