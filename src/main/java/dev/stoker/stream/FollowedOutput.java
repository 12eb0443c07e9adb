package dev.stoker.stream;

import dev.stoker.exchange.Exchange;
import dev.stoker.run.RunRecord;
import dev.stoker.stream.Lookup.Found;
import dev.stoker.stream.OutputPump.Until;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * Answers with a stream from its beginning to its end. One whose reader is lost goes on where it
 * was, as long as it is the same attempt; what another attempt writes is another stream, and an
 * answer that was begun is broken off. Confined to the exchange's context; one use.
 */
final class FollowedOutput {
  private static final long LOOK_AGAIN_MILLIS = 100;

  private final Exchange exchange;
  private final Lookup lookup;

  FollowedOutput(Exchange exchange, Lookup lookup) {
    this.exchange = exchange;
    this.lookup = lookup;
  }

  Future<Void> answer() {
    return lookup
        .whenThere()
        .compose(
            found -> {
              exchange.chunked();
              exchange.response().writeHead();
              return pour(found, 0);
            })
        .compose(poured -> exchange.response().end());
  }

  private Future<Void> pour(Found found, long offset) {
    OutputPump pump = new OutputPump(exchange, found.reader(), offset, Long.MAX_VALUE, Until.END);
    return pump.pour()
        .<Void>mapEmpty()
        .recover(
            e ->
                Readers.isLost(e) && !exchange.gone()
                    ? goOn(found.run(), pump.offset(), e)
                    : Future.failedFuture(e));
  }

  private Future<Void> goOn(RunRecord before, long offset, Throwable lost) {
    Promise<Void> pause = Promise.promise();
    exchange.timer(LOOK_AGAIN_MILLIS, pause::complete);
    return pause
        .future()
        .compose(over -> lookup.whenThere())
        .compose(
            found -> {
              if (offset > 0 && found.run().attempt() != before.attempt()) {
                found.reader().close();
                return Future.failedFuture(lost);
              }
              return pour(found, offset);
            });
  }
}
