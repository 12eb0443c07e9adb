package dev.stoker.stream;

import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.output.OutputReader;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Optional;

/** Finds a reader of one stream of one run. Confined to the exchange's context. */
record Lookup(
    Vertx vertx, Runs runs, Readers readers, Exchange exchange, RunId id, StdStream stream) {

  /** A reader, to be closed, and the run as it was when it was found. */
  record Found(RunRecord run, OutputReader reader) {}

  /** A reader of what is there, whose size is known; of nothing when nothing is there yet. */
  Future<OutputReader> now() {
    // Between the answer and the look it may have ended; then its record has it.
    return runs.find(id)
        .compose(this::there)
        .recover(
            e ->
                Readers.isLost(e)
                    ? runs.find(id).compose(run -> there(run).recover(gone -> orKept(run, gone)))
                    : Future.failedFuture(e));
  }

  private Future<OutputReader> orKept(RunRecord run, Throwable gone) {
    return Readers.isLost(gone) ? kept(run) : Future.failedFuture(gone);
  }

  private Future<OutputReader> there(RunRecord run) {
    if (run.state().isTerminal()) {
      return kept(run);
    }
    Optional<OutputReader> live = readers.live(run, stream);
    if (live.isEmpty()) {
      return Future.failedFuture(
          new ServiceException(ErrorCode.OUTPUT_NOT_FOUND, "run " + id + " has no output yet"));
    }
    OutputReader reader = live.get();
    if (reader.size() > 0 || reader.ended()) {
      return Future.succeededFuture(reader);
    }
    // A reader of another node's output knows nothing before its first answer.
    return reader.read(0, 1).map(reader).onFailure(e -> reader.close());
  }

  private Future<OutputReader> kept(RunRecord run) {
    return exchange.here(readers.kept(run, stream));
  }

  /** Completes as soon as the run has output or has ended. Fails when the caller has gone. */
  Future<Found> whenThere() {
    Promise<Found> found = Promise.promise();
    Context context = vertx.getOrCreateContext();
    MessageConsumer<RunRecord> news =
        runs.watch(id, run -> context.runOnContext(now -> offer(run, found)));
    runs.find(id).onComplete(run -> offer(run, found), found::tryFail);
    exchange.onGone(() -> found.tryFail(new IllegalStateException("the caller has gone")));
    return found.future().onComplete(done -> news.unregister());
  }

  private void offer(RunRecord run, Promise<Found> found) {
    if (found.future().isComplete()) {
      return;
    }
    if (run.state().isTerminal()) {
      kept(run).onComplete(reader -> give(new Found(run, reader), found), found::tryFail);
    } else {
      readers.live(run, stream).ifPresent(reader -> give(new Found(run, reader), found));
    }
  }

  private static void give(Found given, Promise<Found> found) {
    if (!found.tryComplete(given)) {
      given.reader().close();
    }
  }
}
