package dev.stoker.peer;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;

/**
 * What is told of a blob or a stream. Its bytes are not written to any more.
 *
 * @param size of all there is so far
 * @param ended whether there will be no more
 */
record Answer(Buffer bytes, long size, boolean ended) {
  private static final String SIZE = "size";
  private static final String ENDED = "ended";

  static Answer none(long size) {
    return new Answer(Buffer.buffer(), size, true);
  }

  /**
   * Reads what {@link #to} sent.
   *
   * @throws NumberFormatException when it did not
   */
  static Answer read(Message<Buffer> message) {
    return new Answer(
        message.body(),
        Long.parseLong(message.headers().get(SIZE)),
        Boolean.parseBoolean(message.headers().get(ENDED)));
  }

  void to(Message<?> question) {
    question.reply(
        bytes,
        new DeliveryOptions()
            .addHeader(SIZE, Long.toString(size))
            .addHeader(ENDED, Boolean.toString(ended)));
  }
}
