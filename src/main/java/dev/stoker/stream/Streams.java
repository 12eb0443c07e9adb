package dev.stoker.stream;

import dev.stoker.cache.ResultCache;
import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.ByteRange;
import dev.stoker.header.Preferences;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.stream.OutputPump.Until;
import dev.stoker.tool.Tool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Optional;

/** Answers that last: followed output, events, raw output. Confined to its gateway's context. */
public final class Streams {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Sources sources;
  private final Bounds bounds;
  private final Runs runs;
  private final Outputs outputs;
  private int followers;

  /** What the streams are made of; whoever made it closes it. */
  public record Sources(Vertx vertx, Runs runs, Outputs outputs, ResultCache cache) {}

  /**
   * What callers may take.
   *
   * @param heartbeat how often an event stream that is silent says that it lives
   * @param followers readers that follow output or events at once
   */
  public record Bounds(Duration heartbeat, int followers) {}

  public Streams(Sources sources, Bounds bounds) {
    this.sources = sources;
    this.bounds = bounds;
    this.vertx = sources.vertx();
    this.runs = sources.runs();
    this.outputs = sources.outputs();
  }

  /** Answers with what a run has written so far, or a range of it. Fails with a 416. */
  public Future<Void> written(
      Exchange exchange, RunId id, StdStream stream, Optional<ByteRange> range) {
    return reader(id, stream).compose(reader -> OutputSlice.answer(exchange, reader, range));
  }

  /** A reader of what is there; of nothing when nothing is there yet. To be closed. */
  private Future<OutputReader> reader(RunId id, StdStream stream) {
    return runs.find(id)
        .compose(
            run -> {
              Optional<OutputReader> there = there(run, stream);
              // Between the answer and the look it may have ended; then its record has it.
              return there.isPresent()
                  ? Future.succeededFuture(there.get())
                  : runs.find(id)
                      .map(
                          again ->
                              there(again, stream).orElseGet(() -> outputs.kept(again, stream)));
            });
  }

  private Optional<OutputReader> there(RunRecord run, StdStream stream) {
    return run.state().isTerminal()
        ? Optional.of(outputs.kept(run, stream))
        : outputs.live(run.id(), stream);
  }

  /** Completes with a reader as soon as a run has output or has ended. To be closed. */
  private Future<OutputReader> readerWhenThere(Exchange exchange, RunId id, StdStream stream) {
    Promise<OutputReader> found = Promise.promise();
    Context context = vertx.getOrCreateContext();
    MessageConsumer<RunRecord> news =
        runs.watch(
            id,
            run -> context.runOnContext(now -> there(run, stream).ifPresent(found::tryComplete)));
    runs.find(id)
        .onComplete(run -> there(run, stream).ifPresent(found::tryComplete), found::tryFail);
    exchange.onGone(() -> found.tryFail(new IllegalStateException("the caller has gone")));
    return found.future().onComplete(done -> news.unregister());
  }

  /** Answers with a stream, from its beginning to its end, whenever that is. */
  public Future<Void> follow(Exchange exchange, RunId id, StdStream stream) {
    OutputSlice.head(exchange.response());
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      return runs.find(id).compose(run -> exchange.response().end());
    }
    admit(exchange);
    return readerWhenThere(exchange, id, stream)
        .compose(
            reader -> {
              exchange.chunked();
              exchange.response().writeHead();
              return new OutputPump(exchange, reader, 0, Long.MAX_VALUE, Until.END).pour();
            })
        .compose(poured -> exchange.response().end());
  }

  /** Answers with a run's events. */
  public Future<Void> events(Exchange exchange, RunId id) {
    admit(exchange);
    return new EventStream(sources, exchange, bounds.heartbeat()).of(id);
  }

  /** Asks for a run and answers with its events. */
  public Future<Void> events(
      Exchange exchange, Tool tool, Preferences preferences, Command command) {
    admit(exchange);
    return new EventStream(sources, exchange, bounds.heartbeat()).of(command, tool, preferences);
  }

  /** Asks for a run and answers with its standard output. */
  public Future<Void> raw(
      Exchange exchange, Tool tool, Preferences preferences, Command command, String contentType) {
    return new RawStream(
            sources, exchange, new RawStream.Ask(tool, preferences, command, contentType))
        .answer();
  }

  /** Counts one more that follows, until its exchange is over. */
  private void admit(Exchange exchange) {
    if (followers >= bounds.followers()) {
      throw ServiceException.retryable(
          ErrorCode.CAPACITY_EXCEEDED, "too many follow output on this node", RETRY);
    }
    followers++;
    exchange.onOver(() -> followers--);
  }
}
