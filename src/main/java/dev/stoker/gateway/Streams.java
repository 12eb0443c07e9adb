package dev.stoker.gateway;

import dev.stoker.dispatch.Runs;
import dev.stoker.gateway.OutputPump.Until;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
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
final class Streams {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final GatewayParts parts;
  private final GatewaySettings settings;
  private final Runs runs;
  private final Outputs outputs;
  private int followers;

  Streams(Vertx vertx, GatewayParts parts, GatewaySettings settings) {
    this.vertx = vertx;
    this.parts = parts;
    this.settings = settings;
    this.runs = parts.runs();
    this.outputs = parts.outputs();
  }

  /**
   * A reader of what a run has written so far; of nothing when nothing is there yet. To be closed.
   */
  Future<OutputReader> reader(RunId id, StdStream stream) {
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
  Future<Void> follow(Exchange exchange, RunId id, StdStream stream) {
    OutputRoutes.head(exchange.response(), exchange);
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      return runs.find(id).compose(run -> exchange.response().end());
    }
    admit(exchange);
    return readerWhenThere(exchange, id, stream)
        .compose(
            reader -> {
              OutputRoutes.chunked(exchange);
              exchange.response().writeHead();
              return new OutputPump(exchange, reader, 0, Long.MAX_VALUE, Until.END).pour();
            })
        .compose(poured -> exchange.response().end());
  }

  /** Answers with a run's events. */
  Future<Void> events(Exchange exchange, RunId id) {
    admit(exchange);
    return new EventStream(vertx, exchange, parts, settings.heartbeat()).of(id);
  }

  /** Asks for a run and answers with its events. */
  Future<Void> events(Exchange exchange, Tool tool, RunOptions options, Command command) {
    admit(exchange);
    return new EventStream(vertx, exchange, parts, settings.heartbeat())
        .of(command, tool, options.preferences());
  }

  /** Asks for a run and answers with its standard output. */
  Future<Void> raw(
      Exchange exchange, Tool tool, RunOptions options, Command command, String contentType) {
    return new RawStream(
            vertx, exchange, parts, new RawStream.Ask(tool, options, command, contentType))
        .answer();
  }

  /** Counts one more that follows, until its exchange is over. */
  private void admit(Exchange exchange) {
    if (followers >= settings.followers()) {
      throw ServiceException.retryable(
          ErrorCode.CAPACITY_EXCEEDED, "too many follow output on this node", RETRY);
    }
    followers++;
    exchange.onOver(() -> followers--);
  }
}
