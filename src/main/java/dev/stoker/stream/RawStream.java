package dev.stoker.stream;

import dev.stoker.answer.RunAnswer;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.Preferences;
import dev.stoker.output.OutputReader;
import dev.stoker.run.CacheUse;
import dev.stoker.run.Command;
import dev.stoker.run.Exit;
import dev.stoker.run.RunRecord;
import dev.stoker.run.RunState;
import dev.stoker.run.StdStream;
import dev.stoker.stream.OutputPump.Until;
import dev.stoker.stream.Streams.Sources;
import dev.stoker.tool.Tool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a run and answers with its standard output as it is written, however much; the outcome
 * is in the trailers. Confined to the exchange's context; one use.
 *
 * <pre>
 *   asked ──first byte──▶ pouring ──ended──▶ trailers
 *     └──ended without a byte──▶ an empty answer, or a 422 with the run
 * </pre>
 */
final class RawStream {
  private static final String TRAILERS = "Stoker-Run-State, Stoker-Exit-Code, Stoker-Reason";

  /** What is asked for. */
  record Ask(Tool tool, Preferences preferences, Command command, String contentType) {}

  private final Context context;
  private final Exchange exchange;
  private final Sources sources;
  private final Ask ask;
  private final Promise<RunRecord> ended = Promise.promise();
  private @Nullable Future<Long> pouring;
  private boolean begun;

  RawStream(Sources sources, Exchange exchange, Ask ask) {
    this.context = sources.vertx().getOrCreateContext();
    this.exchange = exchange;
    this.sources = sources;
    this.ask = ask;
  }

  Future<Void> answer() {
    Command command = ask.command();
    exchange.onGone(() -> sources.runs().leave(command.id()));
    sources.outputs().expect(command.id(), reader -> context.runOnContext(now -> attach(reader)));
    sources
        .runs()
        .submit(command, ask.tool(), exchange.origin())
        .onComplete(ended)
        .onComplete(done -> sources.outputs().forget(command.id()));
    return ended.future().compose(this::finish);
  }

  /** An attempt at the run begins. */
  private void attach(OutputReader reader) {
    if (exchange.gone()) {
      reader.close();
    } else if (begun) {
      // What was sent cannot be taken back, so a second attempt is of no use to this caller.
      reader.close();
      sources.runs().cancel(ask.command().id(), "its output had been sent in part");
    } else {
      pouring =
          reader
              .more(0)
              .compose(
                  more -> {
                    if (reader.size() == 0) {
                      reader.close();
                      return Future.succeededFuture(0L);
                    }
                    begin(null);
                    return new OutputPump(exchange, reader, 0, Long.MAX_VALUE, Until.END).pour();
                  });
    }
  }

  private void begin(@Nullable RunRecord run) {
    begun = true;
    HttpServerResponse response = exchange.response();
    if (run != null) {
      headers(run);
    } else {
      response
          .putHeader("Stoker-Run-Id", ask.command().id().toString())
          .putHeader("Location", "/v1/runs/" + ask.command().id())
          .putHeader("Cache-Status", "stoker; fwd=bypass");
    }
    exchange.chunked();
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, ask.contentType())
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Trailer", TRAILERS);
  }

  private void headers(RunRecord run) {
    RunAnswer.headers(
        exchange,
        run,
        ask.preferences(),
        RunAnswer.cacheStatus(run, ask.command(), ask.tool(), sources.cache()));
  }

  private Future<Void> finish(RunRecord run) {
    Future<Long> poured = pouring == null ? Future.succeededFuture(0L) : pouring;
    return poured.compose(
        bytes -> {
          if (exchange.gone()) {
            return Future.succeededFuture();
          }
          if (begun) {
            return end(run);
          }
          if (run.state() != RunState.SUCCEEDED) {
            headers(run);
            return Future.failedFuture(RunAnswer.failed(run));
          }
          return isOwn(run) ? empty(run) : kept(run);
        });
  }

  /** Whether the run was made for this command, so that its output came by the reader. */
  private boolean isOwn(RunRecord run) {
    return run.id().equals(ask.command().id())
        && run.cache() != CacheUse.HIT
        && run.cache() != CacheUse.CLUSTER_HIT;
  }

  private Future<Void> empty(RunRecord run) {
    begin(run);
    return end(run);
  }

  private Future<Void> kept(RunRecord run) {
    return exchange
        .here(sources.readers().kept(run, StdStream.STDOUT))
        .compose(
            reader -> {
              if (exchange.gone()) {
                reader.close();
                return Future.succeededFuture();
              }
              begin(run);
              return new OutputPump(exchange, reader, 0, Long.MAX_VALUE, Until.END)
                  .pour()
                  .compose(all -> end(run));
            });
  }

  private Future<Void> end(RunRecord run) {
    HttpServerResponse response = exchange.response();
    response.putTrailer("Stoker-Run-State", run.state().label());
    if (run.exit() instanceof Exit.Code(int code)) {
      response.putTrailer("Stoker-Exit-Code", Integer.toString(code));
    }
    String reason = run.reason();
    if (reason != null) {
      response.putTrailer("Stoker-Reason", reason.replaceAll("[^\\x20-\\x7e]", "?"));
    }
    return response.end();
  }
}
