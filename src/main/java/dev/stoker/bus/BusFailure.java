package dev.stoker.bus;

import dev.stoker.run.ServiceException;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;

/** A {@link ServiceException} as a reply. Its code is the wire number of the error. */
final class BusFailure extends ReplyException {
  private static final long serialVersionUID = 1L;

  private final ServiceException failure;

  BusFailure(ServiceException failure) {
    super(ReplyFailure.RECIPIENT_FAILURE, failure.code().number(), failure.getMessage());
    this.failure = failure;
  }

  ServiceException failure() {
    return failure;
  }
}
