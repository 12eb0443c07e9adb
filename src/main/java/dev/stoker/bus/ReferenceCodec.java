package dev.stoker.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands immutable objects over as they are inside one JVM, and as {@link Wire} to others. */
final class ReferenceCodec implements MessageCodec<Object, Object> {
  static final String NAME = "stoker";

  @Override
  public void encodeToWire(Buffer buffer, Object body) {
    byte[] bytes = Wire.encode(body);
    buffer.appendInt(bytes.length).appendBytes(bytes);
  }

  @Override
  public Object decodeFromWire(int position, Buffer buffer) {
    int length = buffer.getInt(position);
    int start = position + Integer.BYTES;
    return Wire.decode(buffer.getBytes(start, start + length));
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
