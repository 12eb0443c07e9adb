package dev.stoker.stream;

import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.Preferences;
import dev.stoker.output.OutputReader;
import dev.stoker.output.Outputs;
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
final class EventStream {
  private final Vertx vertx;
  private final Context context;
  private final Exchange exchange;
  private final Runs runs;
  private final Outputs outputs;
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
    this.outputs = sources.outputs();
    this.heartbeatMillis = heartbeat.toMillis();
    EventId from = EventId.parse(exchange.header("Last-Event-ID"));
    this.writer = new EventWriter(exchange, from);
    this.stdout = new OutputEvents(context, writer, StdStream.STDOUT, over::tryFail);
    this.stderr = new OutputEvents(context, writer, StdStream.STDERR, over::tryFail);
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
    runs.submit(command, tool).onComplete(this::tell, over::tryFail);
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
      attachKept(stdout, run, StdStream.STDOUT)
          .compose(told -> attachKept(stderr, run, StdStream.STDERR))
          .onComplete(told -> end(run), over::tryFail);
    } else {
      writer.state(run);
      outputs.live(run.id(), StdStream.STDOUT).ifPresent(stdout::attach);
      outputs.live(run.id(), StdStream.STDERR).ifPresent(stderr::attach);
    }
  }

  private Future<Void> attachKept(OutputEvents events, RunRecord run, StdStream stream) {
    if (!events.attached()) {
      try {
        OutputReader kept = outputs.kept(run, stream);
        events.attach(kept);
      } catch (RuntimeException e) {
        return Future.failedFuture(e);
      }
    }
    return events.told();
  }

  private void end(RunRecord run) {
    writer.state(run);
    Buffer data = new JsonObject().put("state", run.state().label()).toBuffer();
    writer.event("end", data);
    over.tryComplete();
  }
}
