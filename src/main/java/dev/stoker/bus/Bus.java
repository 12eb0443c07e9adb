package dev.stoker.bus;

import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends and answers Stoker's messages. Thread-safe. */
public final class Bus {
  private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
  private static final String OWN_PACKAGE = "dev.stoker.";
  private static final DeliveryOptions HERE_ALWAYS = new DeliveryOptions().setLocalOnly(true);

  private Bus() {}

  /** Teaches an event bus our messages; once, before any is sent. */
  public static void install(EventBus bus) {
    bus.registerCodec(new ReferenceCodec());
    bus.codecSelector(
        body -> body.getClass().getName().startsWith(OWN_PACKAGE) ? ReferenceCodec.NAME : null);
  }

  /**
   * Asks whoever has the address, on any node, and waits for the answer.
   *
   * <p>Fails with the {@link ServiceException} that the other side failed with, or with
   * SHUTTING_DOWN when nobody listens, or INTERNAL when no answer comes in time.
   */
  public static <T> Future<T> request(
      EventBus bus, String address, Object question, Duration timeout) {
    return request(bus, address, question, new DeliveryOptions(), timeout);
  }

  /** The same on this node only: nobody else is looked for. */
  public static <T> Future<T> requestHere(
      EventBus bus, String address, Object question, Duration timeout) {
    return request(bus, address, question, new DeliveryOptions(HERE_ALWAYS), timeout);
  }

  /** Tells those on this node who have the address, without an answer. */
  public static void publishHere(EventBus bus, String address, Object news) {
    bus.publish(address, news, HERE_ALWAYS);
  }

  /** Tells one on this node who has the address, without an answer. */
  public static void sendHere(EventBus bus, String address, Object news) {
    bus.send(address, news, HERE_ALWAYS);
  }

  private static <T> Future<T> request(
      EventBus bus, String address, Object question, DeliveryOptions options, Duration timeout) {
    options.setSendTimeout(Math.max(1, timeout.toMillis()));
    return bus.<T>request(address, question, options)
        .map(Message::body)
        .recover(e -> Future.failedFuture(toServiceException(address, e)));
  }

  /** Answers with what becomes of {@code result}. */
  public static void answer(Message<?> question, Future<?> result) {
    result.onComplete(
        question::reply,
        e -> {
          if (e instanceof ServiceException expected) {
            question.reply(new BusFailure(expected));
          } else {
            LOG.error("{} failed", question.address(), e);
            question.reply(
                new BusFailure(new ServiceException(ErrorCode.INTERNAL, "an internal error", e)));
          }
        });
  }

  private static ServiceException toServiceException(String address, Throwable e) {
    if (e instanceof BusFailure failure) {
      return failure.failure();
    }
    if (e instanceof ReplyException reply) {
      return switch (reply.failureType()) {
        case NO_HANDLERS ->
            ServiceException.retryable(
                ErrorCode.SHUTTING_DOWN, "this node takes no requests now", Duration.ofSeconds(1));
        case TIMEOUT, RECIPIENT_FAILURE, ERROR ->
            new ServiceException(ErrorCode.INTERNAL, "no answer from " + address, e);
      };
    }
    return new ServiceException(ErrorCode.INTERNAL, "an internal error", e);
  }
}
