package dev.stoker.gateway;

import dev.stoker.audit.Action;
import dev.stoker.audit.Audit;
import dev.stoker.audit.AuditEntry;
import dev.stoker.exchange.Exchange;
import dev.stoker.exchange.Refusal;
import dev.stoker.run.Principal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.handler.HttpException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Has what callers ask for over HTTP told in the audit log, each thing once. A command that reaches
 * the dispatcher is told of there. Thread-safe.
 */
final class Audited {
  private static final Pattern SUBMIT = Pattern.compile("/v1/tools/([^/]*)/runs");
  private static final Pattern CANCEL = Pattern.compile("/v1/runs/([^/]*)");
  private static final Pattern DRAIN = Pattern.compile("/v1/nodes/([^/]*)/drain");
  private static final String PURGE = "/v1/cache";

  private final Audit audit;

  Audited(Audit audit) {
    this.audit = audit;
  }

  /** Something that is to be done for a caller. */
  static AuditEntry asked(Action action, Exchange exchange) {
    return AuditEntry.of(action, Principal.ANONYMOUS, exchange.origin())
        .trace(exchange.trace().traceId());
  }

  /**
   * Does it, unless it could not be told of where it must be.
   *
   * @return what comes of it, once its entry is written where it must be; on the exchange's context
   */
  <T> Future<T> tell(Exchange exchange, AuditEntry entry, Supplier<Future<T>> deed) {
    Future<T> done = attempt(deed);
    return done.transform(
        result ->
            recorded(exchange, result.succeeded() ? entry : refused(entry, result.cause()))
                .transform(written -> done));
  }

  private <T> Future<T> attempt(Supplier<Future<T>> deed) {
    try {
      audit.require();
      return deed.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** A command was refused before it reached the dispatcher. Fails as that did. */
  <T> Future<T> refused(Exchange exchange, String tool, Throwable why) {
    return recorded(exchange, refused(asked(Action.SUBMIT, exchange).tool(tool), why))
        .transform(written -> Future.failedFuture(why));
  }

  private Future<Void> recorded(Exchange exchange, AuditEntry entry) {
    Future<Void> written = audit.record(entry);
    return written.isComplete() ? written : exchange.here(written);
  }

  /** A request is refused before its route has it: by its path, its fields or its document. */
  void refuseEarly(Exchange exchange, Throwable why) {
    AuditEntry entry = entry(exchange);
    if (entry == null) {
      exchange.fail(why);
    } else {
      recorded(exchange, refused(entry, why)).onComplete(written -> exchange.fail(why));
    }
  }

  private static @Nullable AuditEntry entry(Exchange exchange) {
    HttpMethod method = exchange.request().method();
    String path = exchange.request().path();
    if (path == null) {
      return null;
    }
    if (method.equals(HttpMethod.POST)) {
      AuditEntry submit = match(SUBMIT, path, asked(Action.SUBMIT, exchange), AuditEntry::tool);
      return submit != null
          ? submit
          : match(DRAIN, path, asked(Action.DRAIN, exchange), AuditEntry::node);
    }
    if (method.equals(HttpMethod.DELETE)) {
      return path.equals(PURGE)
          ? asked(Action.PURGE, exchange)
          : match(CANCEL, path, asked(Action.CANCEL, exchange), AuditEntry::run);
    }
    return null;
  }

  private interface About {
    AuditEntry apply(AuditEntry entry, String subject);
  }

  private static @Nullable AuditEntry match(
      Pattern pattern, String path, AuditEntry entry, About about) {
    Matcher matcher = pattern.matcher(path);
    return matcher.matches() ? about.apply(entry, matcher.group(1)) : null;
  }

  private static AuditEntry refused(AuditEntry entry, Throwable why) {
    return switch (why) {
      case Refusal refusal -> entry.refused(refusal.name().replace('-', '_'));
      case HttpException badly when badly.getStatusCode() < 500 -> entry.refused("invalid_request");
      default -> entry.refused(why);
    };
  }
}
