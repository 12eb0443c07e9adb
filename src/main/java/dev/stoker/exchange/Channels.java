package dev.stoker.exchange;

import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/** What a connection's channel can do and Vert.x's API cannot. On the connection's context. */
final class Channels {
  private static final String IDLE_HANDLER = "idle";

  private Channels() {}

  /** Sends what was written, before the connection closes for a fault of the caller's. */
  static void flush(HttpConnection connection) {
    if (connection instanceof HttpServerConnection server) {
      server.channelHandlerContext().flush();
    }
  }

  /** Whether the caller is still there, as far as is known. */
  static boolean isOpen(HttpConnection connection) {
    return !(connection instanceof HttpServerConnection server)
        || server.channelHandlerContext().channel().isActive();
  }

  /** Drops what waits to be sent and closes. */
  static void close(HttpConnection connection) {
    if (connection instanceof HttpServerConnection server) {
      // Vert.x's own close waits until everything is sent, which to one who takes nothing is never.
      var _ = server.channelHandlerContext().close();
    } else {
      connection.close();
    }
  }

  /**
   * Ends Vert.x's idle timeout of a connection.
   *
   * <p>It is what bounds a connection before its first request, of which {@code connectionHandler}
   * is told nothing while h2c is on. From then on it would cut a run that is silent for as long.
   */
  static void endIdleTimeout(HttpConnection connection) {
    if (connection instanceof HttpServerConnection server) {
      ChannelPipeline pipeline = server.channelHandlerContext().pipeline();
      if (pipeline.get(IDLE_HANDLER) != null) {
        pipeline.remove(IDLE_HANDLER);
      }
    }
  }
}
