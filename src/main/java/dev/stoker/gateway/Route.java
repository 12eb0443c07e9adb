package dev.stoker.gateway;

import dev.stoker.exchange.Exchange;
import io.vertx.core.Future;

/** What one operation of the document does. */
@FunctionalInterface
interface Route {
  /** Answers; a failure, thrown or in the future, is answered as a problem. */
  Future<Void> handle(Exchange exchange);
}
