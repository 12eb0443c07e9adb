package dev.stoker.exchange;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one gateway that have begun a request. One that is idle for too long is
 * closed, be it between requests or in the middle of a header; one with a request under way is not
 * idle, however long that takes. Confined to one context.
 */
public final class Connections implements AutoCloseable {
  private static final int LOOKS_PER_IDLE = 10;

  private final Vertx vertx;
  private final int max;
  private final long idleNanos;
  private final long timer;
  private final Runnable refused;
  private volatile int open;
  private final IdentityHashMap<HttpConnection, Use> uses = new IdentityHashMap<>();

  private static final class Use {
    private int requests;
    private boolean leaving;
    private long sinceNanos = System.nanoTime();
  }

  /**
   * Begins to look; {@link #close} ends it, and leaves the connections open.
   *
   * @param max open at once; more are closed unanswered
   * @param idle how long one may be without a request
   * @param refused called for each that is closed unanswered
   */
  public Connections(Vertx vertx, int max, Duration idle, Runnable refused) {
    this.vertx = vertx;
    this.refused = refused;
    this.max = max;
    this.idleNanos = idle.toNanos();
    // Vert.x's own idle timeout would cut a run that is silent for as long.
    this.timer =
        vertx.setPeriodic(
            Math.max(10, idle.toMillis() / LOOKS_PER_IDLE), id -> look(System.nanoTime()));
  }

  /** Notes a connection, for {@code connectionHandler}. */
  public void opened(HttpConnection connection) {
    if (uses.size() >= max) {
      Channels.close(connection);
      refused.run();
      return;
    }
    Channels.endIdleTimeout(connection);
    uses.put(connection, new Use());
    open = uses.size();
    connection.closeHandler(
        closed -> {
          uses.remove(connection);
          open = uses.size();
        });
  }

  /**
   * Notes that a request has begun.
   *
   * @return to be run when it is over; the second time does nothing
   */
  public Runnable began(HttpConnection connection) {
    Use use = uses.get(connection);
    if (use == null) {
      return () -> {};
    }
    use.requests++;
    return new Runnable() {
      private boolean over;

      @Override
      public void run() {
        if (!over) {
          over = true;
          use.requests--;
          use.sinceNanos = System.nanoTime();
        }
      }
    };
  }

  /** Notes a request that was answered at once. */
  public void served(HttpConnection connection) {
    Use use = uses.get(connection);
    if (use != null) {
      use.sinceNanos = System.nanoTime();
    }
  }

  /**
   * Tells the caller, with the answer that it is about to get, to take another connection for its
   * next request; before the answer's head is written.
   */
  public void sayGoodbye(HttpServerRequest request) {
    Use use = uses.get(request.connection());
    if (request.version() != HttpVersion.HTTP_2) {
      // A failure clears the fields that were put before it, so this one comes last.
      request
          .response()
          .headersEndHandler(
              end -> request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
    } else if (use != null && !use.leaving) {
      use.leaving = true;
      request.connection().goAway(0);
    }
  }

  /**
   * Closes the connection of an answered request, once what was written has been sent. One whose
   * body is not read to its end is left to its caller: closing now could take the answer from it.
   */
  public void close(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      // The end of a request without a body comes after its head, in the same turn of the loop.
      vertx.runOnContext(
          later -> {
            if (request.isEnded()) {
              request.connection().close();
            }
          });
    }
  }

  private void look(long now) {
    for (Map.Entry<HttpConnection, Use> entry : List.copyOf(uses.entrySet())) {
      Use use = entry.getValue();
      if (use.requests == 0 && now - use.sinceNanos > idleNanos) {
        entry.getKey().close();
      }
    }
  }

  /** How many there are. Thread-safe. */
  public int open() {
    return open;
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
