package dev.stoker.stream;

import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Stalls;
import dev.stoker.output.OutputReader;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Pours a stream into an answer, no faster than the caller takes it. Confined to the exchange's
 * context; closes its reader.
 */
final class OutputPump {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int CHUNKS_PER_TURN = 16;

  /** How far to pour. */
  enum Until {
    /** What is there now. */
    NOW,
    /** The stream's end, whenever that is. */
    END
  }

  private final Exchange exchange;
  private final HttpServerResponse response;
  private final OutputReader reader;
  private final Until until;
  private final Context context;
  private final Promise<Long> poured = Promise.promise();
  private final Stalls.Watch watch;
  private long offset;
  private final long end;

  /**
   * @param offset of the first byte
   * @param end after the last byte; {@link Long#MAX_VALUE} for all
   */
  OutputPump(Exchange exchange, OutputReader reader, long offset, long end, Until until) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.reader = reader;
    this.offset = offset;
    this.end = end;
    this.until = until;
    this.context = Vertx.currentContext();
    this.watch = exchange.stalls().watch(response::writeQueueFull, exchange::abort);
  }

  /** Pours; completes with the offset after the last byte. Fails when the caller has gone. */
  Future<Long> pour() {
    exchange.onGone(() -> poured.tryFail(new IllegalStateException("the caller has gone")));
    turn();
    return poured
        .future()
        .onComplete(
            done -> {
              watch.close();
              reader.close();
            });
  }

  /** The offset after the last byte so far. */
  long offset() {
    return offset;
  }

  private void turn() {
    for (int i = 0; i < CHUNKS_PER_TURN; i++) {
      if (poured.future().isComplete()) {
        return;
      }
      if (response.writeQueueFull()) {
        response.drainHandler(
            room -> {
              watch.progress();
              turn();
            });
        return;
      }
      if (offset >= end) {
        poured.tryComplete(offset);
        return;
      }
      Future<Buffer> read = reader.read(offset, (int) Math.min(CHUNK_BYTES, end - offset));
      if (!read.succeeded()) {
        read.onComplete(
            bytes -> {
              if (take(bytes)) {
                turn();
              }
            },
            poured::tryFail);
        return;
      }
      if (!take(read.result())) {
        return;
      }
    }
    // Others on this event loop have their turn.
    context.runOnContext(next -> turn());
  }

  /** Whether there may be more at once. */
  private boolean take(Buffer bytes) {
    if (poured.future().isComplete()) {
      return false;
    }
    if (bytes.length() > 0) {
      offset += bytes.length();
      watch.progress();
      response.write(bytes).onFailure(poured::tryFail);
      return true;
    }
    boolean ended = reader.ended() && offset >= reader.size();
    if (ended || until == Until.NOW) {
      poured.tryComplete(offset);
    } else {
      reader.more(offset).onComplete(more -> context.runOnContext(next -> turn()), poured::tryFail);
    }
    return false;
  }
}
