package dev.stoker.cache;

import dev.stoker.run.RunJson;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;

/**
 * A stored result as the cluster's map holds it: a byte for the version, when it was stored and
 * until when it may be given, each as seconds and nanoseconds, then the run as JSON.
 */
final class ResultBytes {
  private static final byte VERSION = 1;
  private static final int INSTANT_BYTES = Long.BYTES + Integer.BYTES;
  private static final int HEADER_BYTES = 1 + 2 * INSTANT_BYTES;

  private ResultBytes() {}

  static byte[] encode(CachedResult cached) {
    Buffer json = RunJson.text(cached.run());
    Buffer bytes = Buffer.buffer(HEADER_BYTES + json.length());
    bytes.appendByte(VERSION);
    append(bytes, cached.storedAt());
    append(bytes, cached.expiresAt());
    return bytes.appendBuffer(json).getBytes();
  }

  /**
   * Reads {@link #encode}.
   *
   * @throws RuntimeException when these are not its bytes: another version's, say
   */
  static CachedResult decode(byte[] encoded) {
    Buffer bytes = Buffer.buffer(encoded);
    if (bytes.getByte(0) != VERSION) {
      throw new IllegalArgumentException("a stored result of version " + bytes.getByte(0));
    }
    return new CachedResult(
        RunJson.decode(new JsonObject(bytes.slice(HEADER_BYTES, bytes.length()))),
        instant(bytes, 1),
        instant(bytes, 1 + INSTANT_BYTES));
  }

  private static void append(Buffer bytes, Instant instant) {
    bytes.appendLong(instant.getEpochSecond()).appendInt(instant.getNano());
  }

  private static Instant instant(Buffer bytes, int at) {
    return Instant.ofEpochSecond(bytes.getLong(at), bytes.getInt(at + Long.BYTES));
  }
}
