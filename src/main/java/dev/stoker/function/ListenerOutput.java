package dev.stoker.function;

import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.run.StdStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One output stream of a run, handed to its listener piece by piece. While the listener has paused
 * it, the writing thread waits. Written by the run's thread only; {@link #resume} is thread-safe.
 */
final class ListenerOutput extends OutputStream {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerOutput.class);

  /** As much as a pipe holds. */
  private static final int CHUNK_BYTES = 64 * 1024;

  private final StdStream stream;
  private final ProcessListener listener;
  private final Object lock = new Object();

  /** Guarded by the lock. Set also by a resume that comes before the pause is known here. */
  private boolean resumed;

  ListenerOutput(StdStream stream, ProcessListener listener) {
    this.stream = stream;
    this.listener = listener;
  }

  /** Lets a waiting writer go on. */
  void resume() {
    synchronized (lock) {
      resumed = true;
      lock.notifyAll();
    }
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  /**
   * Blocks while the listener has paused the stream.
   *
   * @throws StoppedException when the run is to end
   */
  @Override
  public void write(byte[] bytes, int offset, int length) {
    for (int done = 0; done < length; ) {
      int count = Math.min(length - done, CHUNK_BYTES);
      give(ByteBuffer.wrap(bytes, offset + done, count));
      done += count;
    }
  }

  private void give(ByteBuffer chunk) {
    synchronized (lock) {
      resumed = false;
    }
    if (tell(chunk) == Flow.PAUSE) {
      awaitResume();
    }
  }

  private Flow tell(ByteBuffer chunk) {
    try {
      return listener.onOutput(stream, chunk.asReadOnlyBuffer());
    } catch (RuntimeException e) {
      LOG.error("a listener of {} failed; its run is ended", stream.label(), e);
      throw new StoppedException();
    }
  }

  private void awaitResume() {
    try {
      synchronized (lock) {
        while (!resumed) {
          lock.wait();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoppedException();
    }
  }
}
