package dev.stoker.output;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * One reader's view of a stream. Used on one Vert.x context, on which its futures complete; close
 * it when done.
 */
public interface OutputReader extends AutoCloseable {
  /** Bytes that can be read so far. */
  long size();

  /** Whether nothing will be added. */
  boolean ended();

  /**
   * Bytes from {@code offset} on, as many as are there, {@code max} at most; none when there are
   * none yet. On a stream that is passed through, what lies before {@code offset} is forgotten, and
   * asking for forgotten bytes fails with OUTPUT_NOT_FOUND.
   */
  Future<Buffer> read(long offset, int max);

  /** Completes as soon as there is more than {@code offset} bytes, or the stream has ended. */
  Future<Void> more(long offset);

  /** Idempotent. Closing the reader of a stream that is passed through forgets what comes. */
  @Override
  void close();
}
