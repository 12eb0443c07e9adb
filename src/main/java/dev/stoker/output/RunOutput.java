package dev.stoker.output;

import dev.stoker.run.Captured;
import dev.stoker.run.StdStream;
import io.vertx.core.Future;
import java.nio.ByteBuffer;

/**
 * The writing side of one run's two streams. Each stream is appended to by one thread at a time.
 */
public interface RunOutput {
  /** What to do with the process after an append. */
  enum Verdict {
    MORE,
    /** Read no more until the stream's room handler is called. */
    PAUSE,
    /** The stream is at its bound; nothing more of it is kept. */
    EXCEEDED,
    /** The disk refused it; nothing more of it is kept, and its tool is not to blame. */
    FAILED
  }

  /** Called when a paused stream has room again; from any thread; it must not block. */
  interface RoomHandler {
    void onRoom(StdStream stream);
  }

  /** Sets who is told; before the first append. */
  void onRoom(RoomHandler handler);

  /** Takes all bytes of {@code chunk}. Does not block. */
  Verdict append(StdStream stream, ByteBuffer chunk);

  /**
   * The process is being ended: a stream that is passed through waits for its reader no more, what
   * it has not yet taken into its window is dropped, and a paused writer may go on to its end.
   */
  void stopPassing();

  /** Nothing will be appended; readers come to their end. Idempotent. */
  void end();

  /**
   * After {@link #end}: what the record holds of a stream; the whole is a blob when it is longer.
   */
  Future<Captured> captured(StdStream stream);

  /** Forgets the run; files are removed once their readers are gone. Idempotent. */
  void close();
}
