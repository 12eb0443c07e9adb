package dev.stoker.gateway;

import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.run.Command;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.telemetry.Metrics;
import dev.stoker.tool.Catalog;
import dev.stoker.trace.Tracing;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.handler.HttpException;
import java.time.Duration;
import java.util.function.LongConsumer;

/** Counts requests, and the commands among them. Thread-safe. */
final class Traffic {
  /** The document's path for commands. */
  static final String COMMANDS = "/v1/tools/{tool}/runs";

  private final Catalog catalog;
  private final Metrics metrics;
  private final Tracing tracing;

  Traffic(Catalog catalog, Metrics metrics, Tracing tracing) {
    this.catalog = catalog;
    this.metrics = metrics;
    this.tracing = tracing;
  }

  /** Counts an exchange when it is over. */
  void begin(Exchange exchange, long beganNanos) {
    exchange.onOver(
        () ->
            metrics.answered(
                exchange.request().method().name(),
                exchange.route() == null ? Metrics.UNKNOWN : exchange.route(),
                status(exchange),
                Duration.ofNanos(System.nanoTime() - beganNanos),
                exchange.trace()));
  }

  private static String status(Exchange exchange) {
    if (exchange.broken()) {
      return "broken";
    }
    return exchange.gone() ? "gone" : Integer.toString(exchange.response().getStatusCode());
  }

  /** Counts a request that could not be read as HTTP; it has been answered. */
  void unreadable(HttpServerRequest request) {
    String status = Integer.toString(request.response().getStatusCode());
    metrics.answered(request.method().name(), Metrics.UNKNOWN, status, Duration.ZERO, null);
  }

  /** Somebody asks for a run of what may be a tool. */
  void asked(String tool) {
    metrics.asked(label(tool));
  }

  /** The dispatcher was not asked: it counts what it refuses itself. */
  void refused(String tool, Exchange exchange, Throwable why) {
    if (exchange.gone()) {
      // Nobody was refused: its caller left in the middle of it.
      return;
    }
    ErrorCode code =
        switch (why) {
          case ServiceException told -> told.code();
          case Refusal _, HttpException _ -> ErrorCode.INVALID_REQUEST;
          default -> ErrorCode.INTERNAL;
        };
    metrics.refused(label(tool), code.label());
  }

  /** A command is about to be submitted: how long its answer takes is counted. */
  void submitted(Exchange exchange, Command command) {
    metrics.awaited(command.id());
    ServerSpan.about(exchange.span(), command);
    exchange.onOver(
        () -> {
          if (exchange.gone()) {
            metrics.gone(command.id());
          } else {
            Duration sinceEnd = metrics.replied(command.id(), command.tool(), command.trace());
            if (sinceEnd != null && exchange.span().isRecorded()) {
              ServerSpan.replied(tracing, exchange.trace(), command, sinceEnd.toNanos());
            }
          }
        });
  }

  /** Counts hits of a tool that are answered without an exchange. */
  LongConsumer hits(String tool) {
    return metrics.hits(tool, "POST", COMMANDS);
  }

  private String label(String tool) {
    return catalog.find(tool).isPresent() ? tool : Metrics.UNKNOWN;
  }
}
