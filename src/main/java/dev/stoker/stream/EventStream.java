package dev.stoker.stream;

import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.Preferences;
import dev.stoker.run.Command;
import dev.stoker.run.RunId;
import dev.stoker.run.RunRecord;
import dev.stoker.run.StdStream;
import dev.stoker.stream.Streams.Sources;
import dev.stoker.tool.Tool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A run's life as server-sent events. Confined to the exchange's context; one use.
 *
 * <p>A {@code state} event holds the whole record, so that of states that follow each other faster
 * than the caller reads only the last need be told. Output is told byte for byte.
 */
final class EventStream implements OutputEvents.Watcher {
  private static final long LOOK_AGAIN_MILLIS = 250;

  private final Vertx vertx;
  private final Context context;
  private final Exchange exchange;
  private final Runs runs;
  private final Readers readers;
  private final EventWriter writer;
  private final OutputEvents stdout;
  private final OutputEvents stderr;
  private final Promise<Void> over = Promise.promise();
  private final long heartbeatMillis;
  private @Nullable RunRecord last;

  EventStream(Sources sources, Exchange exchange, Duration heartbeat) {
    this.vertx = sources.vertx();
    this.context = vertx.getOrCreateContext();
    this.exchange = exchange;
    this.runs = sources.runs();
    this.readers = sources.readers();
    this.heartbeatMillis = heartbeat.toMillis();
    EventId from = EventId.parse(exchange.header("Last-Event-ID"));
    this.writer = new EventWriter(exchange, from);
    this.stdout = new OutputEvents(context, writer, StdStream.STDOUT, this);
    this.stderr = new OutputEvents(context, writer, StdStream.STDERR, this);
  }

  /** Tells of a run that there is. Fails with RUN_NOT_FOUND before anything is told. */
  Future<Void> of(RunId id) {
    MessageConsumer<RunRecord> news = runs.watch(id, run -> context.runOnContext(now -> tell(run)));
    runs.find(id).onComplete(this::tell, over::tryFail);
    return until(news);
  }

  /**
   * Asks for a run and tells of it. What the cache has, or an equal run brings, is told at once.
   */
  Future<Void> of(Command command, Tool tool, Preferences preferences) {
    exchange.onGone(() -> runs.leave(command.id()));
    // A run that joined another ends under its own name when the other does: the answer has the
    // result, the news has not.
    MessageConsumer<RunRecord> news =
        runs.watch(
            command.id(),
            run ->
                context.runOnContext(
                    now -> {
                      if (!run.state().isTerminal()) {
                        tell(run);
                      }
                    }));
    runs.submit(command, tool, exchange.origin()).onComplete(this::tell, over::tryFail);
    runs.find(command.id())
        .onSuccess(
            run -> {
              if (!run.state().isTerminal()) {
                tell(run);
              }
            });
    exchange.response().putHeader("Preference-Applied", preferences.applied());
    return until(news);
  }

  private Future<Void> until(MessageConsumer<RunRecord> news) {
    long heartbeat = vertx.setPeriodic(heartbeatMillis, id -> writer.comment("here"));
    exchange.onGone(() -> over.tryFail(new IllegalStateException("the caller has gone")));
    return over.future()
        .onComplete(
            done -> {
              vertx.cancelTimer(heartbeat);
              news.unregister();
              stdout.close();
              stderr.close();
              writer.close();
            })
        .compose(done -> exchange.response().end());
  }

  private void tell(RunRecord run) {
    RunRecord before = last;
    if (over.future().isComplete()
        || (before != null && before.state().isTerminal())
        || (before != null && EventId.sequence(run) < EventId.sequence(before))) {
      return;
    }
    last = run;
    writer.begin(run);
    if (run.state().isTerminal()) {
      // The last state comes after the last of the output.
      rest(stdout, run, StdStream.STDOUT)
          .compose(told -> rest(stderr, run, StdStream.STDERR))
          .onComplete(told -> end(run), over::tryFail);
    } else {
      writer.state(run);
      attachLive(run);
    }
  }

  private void attachLive(RunRecord run) {
    readers.live(run, StdStream.STDOUT).ifPresent(stdout::attach);
    readers.live(run, StdStream.STDERR).ifPresent(stderr::attach);
  }

  @Override
  public void failed(Throwable e) {
    over.tryFail(e);
  }

  /** Its node may only have been slow to open the output, or has gone: then news will come. */
  @Override
  public void lost() {
    vertx.setTimer(
        LOOK_AGAIN_MILLIS,
        id -> {
          RunRecord run = last;
          if (!over.future().isComplete() && run != null && !run.state().isTerminal()) {
            attachLive(run);
          }
        });
  }

  /** Tells what is left of a stream of a run that has ended. */
  private Future<Void> rest(OutputEvents events, RunRecord run, StdStream stream) {
    Future<Boolean> live = events.attached() ? events.told() : Future.succeededFuture(false);
    return live.compose(whole -> whole ? Future.succeededFuture() : restKept(events, run, stream));
  }

  private Future<Void> restKept(OutputEvents events, RunRecord run, StdStream stream) {
    return exchange
        .here(readers.kept(run, stream))
        .compose(
            kept -> {
              if (over.future().isComplete()) {
                kept.close();
                return Future.succeededFuture();
              }
              events.attach(kept);
              return events.told().mapEmpty();
            });
  }

  private void end(RunRecord run) {
    writer.state(run);
    Buffer data = new JsonObject().put("state", run.state().label()).toBuffer();
    writer.event("end", data);
    over.tryComplete();
  }
}
