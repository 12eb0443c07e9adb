package dev.stoker.bridge;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.eventbus.Message;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures as {@code ReplyException}s, whose code is the wire number of the error. */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private Refusals() {}

  /** Replies with a failure; one that is nobody's fault but ours is logged. */
  static void answer(Message<?> message, Throwable failure) {
    if (failure instanceof ServiceException e && e.code() != ErrorCode.INTERNAL) {
      message.fail(e.code().number(), text(e));
    } else {
      LOG.error("a command failed by our own fault", failure);
      message.fail(ErrorCode.INTERNAL.number(), "an internal error");
    }
  }

  /** The message, and each field with what is allowed: a reply has room for one text only. */
  static String text(ServiceException e) {
    return e.violations().isEmpty()
        ? String.valueOf(e.getMessage())
        : e.violations().stream()
            .map(Refusals::text)
            .collect(Collectors.joining("; ", e.getMessage() + ": ", ""));
  }

  private static String text(Violation violation) {
    return violation.field() + " " + violation.message();
  }
}
