package dev.stoker;

import dev.stoker.cluster.Cluster;
import dev.stoker.cluster.Members;
import dev.stoker.config.Settings.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node has opened, closed in the reverse order. Not thread-safe; waits for what it opens and
 * closes, so not for event loops.
 */
final class Steps implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Steps.class);
  private static final long STEP_SECONDS = 60;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <C extends AutoCloseable> C closeLater(C closeable) {
    opened.push(closeable);
    return closeable;
  }

  /** Event loops; those of a member share its event bus. */
  Vertx vertx(VertxOptions options, Members members) {
    Vertx made =
        members instanceof Cluster cluster
            ? await("start the event bus", cluster.vertx(options))
            : Vertx.vertx(options);
    opened.push(() -> await("stop the event loops", made.close()));
    return made;
  }

  /** Undeployed before what it works with is closed. */
  void deploy(Vertx on, VerticleBase verticle) {
    String name = verticle.getClass().getSimpleName();
    String id = await("start " + name, on.deployVerticle(verticle));
    opened.push(() -> await("stop " + name, on.undeploy(id)));
  }

  /**
   * Deploys a server.
   *
   * @param section of the configuration
   * @throws StartupException that names its port
   */
  void listen(String section, Endpoint endpoint, Vertx on, VerticleBase server) {
    try {
      deploy(on, server);
    } catch (StartupException e) {
      Throwable cause = e.getCause();
      throw new StartupException(
          "%s.port: cannot listen on %s:%d: %s"
              .formatted(
                  section,
                  endpoint.host(),
                  endpoint.port(),
                  cause == null ? e.getMessage() : cause.getMessage()),
          e);
    }
  }

  /** Whether all has been closed, or nothing opened. */
  boolean isClosed() {
    return opened.isEmpty();
  }

  /** What fails to close is logged, and the rest closed all the same. Idempotent. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable next = opened.pop();
      try {
        next.close();
      } catch (Exception e) {
        LOG.error("cannot close {}", next, e);
      }
    }
  }

  /** Blocks up to a minute. */
  static <T> T await(String what, Future<T> future) {
    return await(what, future, STEP_SECONDS);
  }

  /** Blocks up to so long and a minute; what does not come to pass is logged. */
  static void tryTo(String what, Future<?> future, Duration usual) {
    try {
      var _ = await(what, future, usual.toSeconds() + STEP_SECONDS);
    } catch (StartupException e) {
      LOG.error("the node goes on to leave", e);
    }
  }

  private static <T> T await(String what, Future<T> future, long seconds) {
    try {
      return future.await(seconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new StartupException("cannot " + what + " within " + seconds + " s", e);
    } catch (Exception e) {
      // Checked ones too: the future gives its cause as it is.
      throw new StartupException("cannot " + what + ": " + e.getMessage(), e);
    }
  }
}
