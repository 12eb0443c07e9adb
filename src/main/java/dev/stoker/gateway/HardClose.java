package dev.stoker.gateway;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/** Closes a connection whose peer takes nothing. */
final class HardClose {
  private HardClose() {}

  /** Drops what waits to be sent and closes. */
  static void close(HttpConnection connection) {
    if (connection instanceof HttpServerConnection server) {
      // Vert.x's own close waits until everything is sent, which here is for ever.
      var _ = server.channelHandlerContext().close();
    } else {
      connection.close();
    }
  }
}
