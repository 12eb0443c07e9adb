package dev.stoker.stream;

import dev.stoker.answer.RunAnswer;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Stalls;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.run.StdStream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes server-sent events and keeps count of what was told. Confined to one context. */
final class EventWriter implements AutoCloseable {
  private final Exchange exchange;
  private final HttpServerResponse response;
  private final Stalls.Watch watch;
  private final List<Runnable> waiting = new ArrayList<>(2);
  private EventId position;
  private boolean begun;

  EventWriter(Exchange exchange, EventId from) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.position = from;
    this.watch = exchange.stalls().watch(response::writeQueueFull, exchange::abort);
  }

  /** Sends the head, the first time; an attempt that is new has its output told anew. */
  void begin(RunRecord run) {
    if (!begun) {
      begun = true;
      RunAnswer.headers(response.headers(), run);
      exchange.chunked();
      response
          .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .putHeader("X-Accel-Buffering", "no");
      response.writeHead();
      response.drainHandler(room -> drained());
    }
    if (position.sequence() < 0 && run.state().isTerminal()) {
      // Output comes before the last state, and its ids have to say which attempt it is of.
      position = EventId.before(run);
    }
    long attempt = (EventId.sequence(run) + 2) / 4;
    if (position.sequence() >= 0 && position.attempt() < attempt && position.attempt() > 0) {
      position = new EventId(position.sequence(), 0, 0);
    }
  }

  /** Tells of a state, unless it was told. */
  void state(RunRecord run) {
    long sequence = EventId.sequence(run);
    if (sequence > position.sequence()) {
      position = new EventId(sequence, position.stdout(), position.stderr());
      event("state", RunJson.text(run));
    }
  }

  /** Tells of output from where the stream has come to. */
  void output(StdStream stream, Buffer bytes) {
    long offset = offset(stream);
    long next = offset + bytes.length();
    position =
        switch (stream) {
          case STDOUT -> new EventId(position.sequence(), next, position.stderr());
          case STDERR -> new EventId(position.sequence(), position.stdout(), next);
        };
    event(stream.label(), OutputEvents.json(offset, bytes).toBuffer());
  }

  /** How far a stream was told. */
  long offset(StdStream stream) {
    return switch (stream) {
      case STDOUT -> position.stdout();
      case STDERR -> position.stderr();
    };
  }

  void event(String name, Buffer data) {
    write(
        Buffer.buffer()
            .appendString("id: " + position + "\nevent: " + name + "\ndata: ")
            .appendBuffer(data)
            .appendString("\n\n"));
  }

  void comment(String text) {
    if (begun) {
      write(Buffer.buffer(":" + text + "\n\n", StandardCharsets.UTF_8.name()));
    }
  }

  private void write(Buffer bytes) {
    if (!exchange.gone() && !response.ended()) {
      watch.progress();
      response.write(bytes);
    }
  }

  /** Runs {@code next} when the caller takes more: at once, or when what waits has gone out. */
  void whenRoom(Runnable next) {
    if (response.writeQueueFull()) {
      waiting.add(next);
    } else {
      next.run();
    }
  }

  private void drained() {
    watch.progress();
    List<Runnable> woken = List.copyOf(waiting);
    waiting.clear();
    woken.forEach(Runnable::run);
  }

  @Override
  public void close() {
    watch.close();
    waiting.clear();
  }
}
