package dev.stoker.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands immutable objects over as they are, inside one JVM only. */
final class ReferenceCodec implements MessageCodec<Object, Object> {
  static final String NAME = "stoker";

  @Override
  public void encodeToWire(Buffer buffer, Object body) {
    throw new IllegalStateException(body.getClass() + " does not leave this JVM");
  }

  @Override
  public Object decodeFromWire(int position, Buffer buffer) {
    throw new IllegalStateException("nothing of this kind comes from another JVM");
  }

  @Override
  public Object transform(Object body) {
    return body;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
