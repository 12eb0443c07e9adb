package dev.stoker.exchange;

import dev.stoker.header.TrustedProxies;
import dev.stoker.run.Origin;
import dev.stoker.run.RunJson;
import dev.stoker.run.RunRecord;
import dev.stoker.run.TraceContext;
import dev.stoker.trace.Span;
import dev.stoker.trace.Tracing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One request and its answer. Confined to its connection's context. */
public final class Exchange {
  private static final List<String> RUN_FIELDS =
      List.of("Stoker-Run-Id", "Location", "Cache-Status", "Server-Timing", "Preference-Applied");
  private static final String TRACE_RESPONSE = "traceresponse";
  private static final int DISCARD_BYTES_MAX = 64 << 20;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Stalls stalls;
  private final TrustedProxies proxies;
  private final @Nullable Buffer body;
  private TraceContext trace;
  private Span span;
  private final List<Runnable> onGone = new ArrayList<>(1);
  private final List<Runnable> onOver = new ArrayList<>(1);
  private Map<String, String> path = Map.of();
  private @Nullable String route;
  private boolean gone;
  private boolean broken;
  private boolean over;
  private long discarded;

  /**
   * Makes one; {@link #open} comes next.
   *
   * @param proxies who is believed when it says for whom it asks
   * @param body all of it, where it has been read already
   */
  public Exchange(
      HttpServerRequest request, Stalls stalls, TrustedProxies proxies, @Nullable Buffer body) {
    this.request = request;
    this.response = request.response();
    this.stalls = stalls;
    this.proxies = proxies;
    this.body = body;
    this.trace = TraceContext.of(header("traceparent"), header("tracestate"));
    this.span = Tracing.off().begin(Tracing.Kind.SERVER, "", trace);
  }

  /**
   * What this is answered under: the caller's trace, or one of its own where the caller has none.
   */
  public TraceContext trace() {
    return trace;
  }

  /** What is told of it as a span; one that nobody sees unless another was set. */
  public Span span() {
    return span;
  }

  /** Is answered under this from now on, and says so in {@code traceresponse}. */
  public void span(Span under) {
    span = under;
    trace = under.context();
    response.putHeader(TRACE_RESPONSE, trace.parent());
  }

  /**
   * Begins to hear of the caller's going.
   *
   * @param ended run once, when the answer is complete, given up, or the caller has gone
   */
  public void open(Runnable ended) {
    onOver.addFirst(ended);
    response.endHandler(
        end -> {
          // Of a stream that was reset, and of a connection that was lost, the end comes first.
          if (response.ended()) {
            complete();
          } else {
            leave();
          }
        });
    response.closeHandler(closed -> leave());
    response.exceptionHandler(
        e -> {
          // A body that cannot be decoded comes here too, and its sender waits for an answer.
          if (e instanceof StreamResetException || e instanceof HttpClosedException) {
            leave();
          }
        });
  }

  private void complete() {
    if (!over) {
      over = true;
      onGone.clear();
      finish();
    }
  }

  private void leave() {
    if (!over) {
      over = true;
      gone = true;
      List.copyOf(onGone).forEach(Runnable::run);
      onGone.clear();
      finish();
    }
  }

  private void finish() {
    List.copyOf(onOver).forEach(Runnable::run);
    onOver.clear();
  }

  public HttpServerRequest request() {
    return request;
  }

  public HttpServerResponse response() {
    return response;
  }

  /** Where the request came from. */
  public Origin origin() {
    SocketAddress peer = request.remoteAddress();
    String address = peer == null ? null : peer.hostAddress();
    return new Origin(
        Origin.Channel.HTTP,
        address,
        address == null ? null : proxies.client(address, header("X-Forwarded-For")));
  }

  /** What cuts this caller off when it stalls. */
  public Stalls stalls() {
    return stalls;
  }

  /** All of the body, where it has been read already. */
  public @Nullable Buffer body() {
    return body;
  }

  /** A header field of the request, several of one name joined by commas; null for none. */
  public @Nullable String header(String name) {
    List<String> values = request.headers().getAll(name);
    return values.isEmpty() ? null : String.join(", ", values);
  }

  /** The template of its path; null while it has none, or if none fits. */
  public @Nullable String route() {
    return route;
  }

  /** Sets the template of its path. */
  public void route(@Nullable String template) {
    route = template;
  }

  /** Sets the parameters of the path. */
  public void path(Map<String, String> parameters) {
    path = parameters;
  }

  /** A parameter of the path; the document says that it is there. */
  public String path(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalStateException("the path has no parameter " + name);
    }
    return value;
  }

  /** A parameter of the query; null for none. */
  public @Nullable String query(String name) {
    return request.getParam(name);
  }

  /** Whether the caller has gone before the answer was complete. */
  public boolean gone() {
    return gone;
  }

  /** Whether the answer was broken off by {@link #abort}. */
  public boolean broken() {
    return broken;
  }

  /** Called at once if the caller has gone; never after the answer is complete. */
  public void onGone(Runnable task) {
    if (gone) {
      task.run();
    } else {
      onGone.add(task);
    }
  }

  /** Called once, when the answer is complete, given up, or the caller has gone; or now. */
  public void onOver(Runnable task) {
    if (over) {
      task.run();
    } else {
      onOver.add(task);
    }
  }

  /** Calls back on the exchange's context after so many milliseconds, unless cancelled. */
  public long timer(long millis, Runnable task) {
    return stalls.vertx().setTimer(millis, id -> task.run());
  }

  /** The same, completed on the exchange's context; at once where it is complete already. */
  public <T> Future<T> here(Future<T> anywhere) {
    if (anywhere.isComplete()) {
      return anywhere;
    }
    Context context = stalls.vertx().getOrCreateContext();
    Promise<T> here = Promise.promise();
    anywhere.onComplete(
        (result, failure) -> context.runOnContext(now -> here.complete(result, failure)));
    return here.future();
  }

  /** Cancels what {@link #timer} gave. */
  public void cancelTimer(long timer) {
    stalls.vertx().cancelTimer(timer);
  }

  /** Whether the caller waits for a word before it sends the body. */
  public boolean expectsContinue() {
    String expect = request.getHeader(HttpHeaders.EXPECT);
    return expect != null && expect.equalsIgnoreCase("100-continue");
  }

  /** Answers with a run's record, as {@link #json(int, JsonObject)} does. */
  public void run(int status, RunRecord run) {
    json(status, RunJson.text(run).appendString("\n"), "application/json");
  }

  /** Answers with JSON, unless there is an answer or the caller has gone. */
  public void json(int status, JsonObject body) {
    json(status, body.toBuffer().appendString("\n"), "application/json");
  }

  /** Answers with a text that is ready, as {@link #json(int, JsonObject)} does. */
  public void json(int status, Buffer body, String mediaType) {
    if (gone || response.ended()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, mediaType)
        .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    settle(request.method().equals(HttpMethod.HEAD) ? response.end() : response.end(body));
  }

  /** Lets the answer's length be told by its end. */
  public void chunked() {
    if (request.version() != HttpVersion.HTTP_2) {
      response.setChunked(true);
    }
  }

  /** Answers with a failure; where the answer has begun, it is broken off. */
  public void fail(Throwable failure) {
    if (over) {
      return;
    }
    // Before it asks whether it has ended: a file that is being sent says so from its beginning.
    if (response.headWritten()) {
      if (Channels.isOpen(request.connection())) {
        ProblemDetails.of(failure);
        abort();
      } else {
        leave();
      }
      return;
    }
    if (response.ended()) {
      return;
    }
    ProblemDetails.Problem problem = ProblemDetails.of(failure);
    MultiMap kept = HttpHeaders.headers();
    if (problem.body().containsKey("run")) {
      // It tells of a run as a 200 does, and its caller may want to look at that later.
      RUN_FIELDS.forEach(name -> kept.add(name, response.headers().getAll(name)));
    }
    response.headers().clear().addAll(kept).set(TRACE_RESPONSE, trace.parent());
    problem.headers().forEach(response::putHeader);
    json(problem.status(), problem.body().toBuffer().appendString("\n"), ProblemDetails.MEDIA_TYPE);
  }

  /** Sends what there is of the answer now: Vert.x is about to close the connection. */
  public void flush() {
    Channels.flush(request.connection());
  }

  /**
   * Breaks the answer off, so that the caller sees that it is not whole: to us it has gone. Nothing
   * happens where the answer is complete.
   */
  public void abort() {
    if (over) {
      return;
    }
    broken = true;
    if (request.version() == HttpVersion.HTTP_2) {
      response.reset(2);
    } else {
      Channels.close(request.connection());
    }
    // A connection that takes nothing does not tell that it has ended.
    leave();
  }

  /** After an answer to a body that was not read to its end: the next request comes after it. */
  private void settle(Future<Void> sent) {
    if (request.isEnded()) {
      return;
    }
    if (expectsContinue()) {
      sent.onComplete(done -> giveUp());
    } else {
      discard();
    }
  }

  private void giveUp() {
    if (request.version() == HttpVersion.HTTP_2) {
      response.reset(0);
    } else {
      request.connection().close();
    }
  }

  private void discard() {
    // Closing, or resetting the stream, at once might take the answer from its caller.
    Stalls.Watch watch = stalls.watch(() -> true, this::giveUp);
    request.handler(
        chunk -> {
          discarded += chunk.length();
          if (discarded > DISCARD_BYTES_MAX) {
            giveUp();
          }
        });
    request.exceptionHandler(e -> watch.close());
    request.endHandler(end -> watch.close());
    request.resume();
  }
}
