package dev.stoker.stream;

import dev.stoker.cache.ResultCache;
import dev.stoker.dispatch.Runs;
import dev.stoker.exchange.Exchange;
import dev.stoker.header.ByteRange;
import dev.stoker.header.Preferences;
import dev.stoker.output.Outputs;
import dev.stoker.peer.Peers;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.RunId;
import dev.stoker.run.ServiceException;
import dev.stoker.run.StdStream;
import dev.stoker.tool.Tool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
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
  private final Readers readers;
  private int followers;

  /** What the streams are made of; whoever made it closes it. */
  public record Sources(Vertx vertx, Runs runs, Outputs outputs, Peers peers, ResultCache cache) {
    Readers readers() {
      return new Readers(outputs, peers);
    }
  }

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
    this.readers = sources.readers();
  }

  /** Answers with what a run has written so far, or a range of it. Fails with a 416. */
  public Future<Void> written(
      Exchange exchange, RunId id, StdStream stream, Optional<ByteRange> range) {
    return new Lookup(vertx, runs, readers, exchange, id, stream)
        .now()
        .compose(reader -> OutputSlice.answer(exchange, reader, range));
  }

  /** Answers with a stream, from its beginning to its end, whenever that is. */
  public Future<Void> follow(Exchange exchange, RunId id, StdStream stream) {
    OutputSlice.head(exchange.response());
    if (exchange.request().method().equals(HttpMethod.HEAD)) {
      return runs.find(id).compose(run -> exchange.response().end());
    }
    admit(exchange);
    return new FollowedOutput(exchange, new Lookup(vertx, runs, readers, exchange, id, stream))
        .answer();
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

  /** Fails with CAPACITY_EXCEEDED where one more may not follow. */
  public void refuseTooMany() {
    if (followers >= bounds.followers()) {
      throw ServiceException.retryable(
          ErrorCode.CAPACITY_EXCEEDED, "too many follow output on this node", RETRY);
    }
  }

  /** Counts one more that follows, until its exchange is over. */
  private void admit(Exchange exchange) {
    refuseTooMany();
    followers++;
    exchange.onOver(() -> followers--);
  }
}
