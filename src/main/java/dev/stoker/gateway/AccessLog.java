package dev.stoker.gateway;

import dev.stoker.exchange.Exchange;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line for each request, by the logger {@code dev.stoker.requests} at DEBUG, which is off
 * unless asked for. Never the query, which may hold parameters, nor a field. Stateless.
 */
final class AccessLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.stoker.requests");

  private AccessLog() {}

  /** Tells of a request once it is over, where that is asked for. */
  static void watch(Exchange exchange) {
    if (LOG.isDebugEnabled()) {
      long began = System.nanoTime();
      exchange.onOver(
          () ->
              tell(
                  LOG.atDebug().addKeyValue("trace", exchange.trace().traceId()),
                  exchange.request(),
                  began,
                  exchange.gone()));
    }
  }

  /** The same of one that has its answer already. */
  static void answered(HttpServerRequest request) {
    if (LOG.isDebugEnabled()) {
      tell(LOG.atDebug(), request, System.nanoTime(), false);
    }
  }

  private static void tell(
      LoggingEventBuilder line, HttpServerRequest request, long began, boolean gone) {
    HttpServerResponse response = request.response();
    line.addKeyValue("method", request.method().name())
        .addKeyValue("path", request.path())
        .addKeyValue("status", response.getStatusCode())
        .addKeyValue("bytes", response.bytesWritten())
        .addKeyValue("millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began))
        .addKeyValue(
            "remote",
            request.remoteAddress() == null ? null : request.remoteAddress().hostAddress())
        .addKeyValue("run", response.headers().get("Stoker-Run-Id"))
        .log(gone ? "request left by its caller" : "request");
  }
}
