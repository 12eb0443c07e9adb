package dev.stoker.process;

import dev.stoker.run.StdStream;
import java.nio.ByteBuffer;

/**
 * Hears of one process. Calls come one at a time, in this order: {@code onStarted}, any number of
 * {@code onOutput}, exactly one {@code onEnded}; or {@code onStartFailed} alone. They come from the
 * runner's threads and must not block; what they throw is logged and taken as an order to kill.
 */
public interface ProcessListener {
  /** Whether a stream is read on. */
  enum Flow {
    CONTINUE,
    /** Read no more of this stream until {@link RunningProcess#resume}. The process blocks. */
    PAUSE
  }

  /** The program has been exec'ed. */
  void onStarted(long pid);

  /**
   * The process wrote something.
   *
   * @param chunk valid during the call only; at least one byte
   */
  Flow onOutput(StdStream stream, ByteBuffer chunk);

  /** All is over: no process of the tree lives, all are reaped, every pipe is closed. */
  void onEnded(ProcessEnd end);

  /** Nothing was started; {@code reason} is for the caller of the tool. */
  void onStartFailed(StartFailure failure);
}
