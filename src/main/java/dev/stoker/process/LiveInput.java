package dev.stoker.process;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The standard input of a process that is given more of it while it runs. For one process.
 * Thread-safe, with itself as the lock; nothing is called while it is held.
 *
 * <p>What the process has not taken waits here, up to a bound. A process that has gone, or has
 * closed its end, makes no mistake: what is offered then is dropped.
 */
public final class LiveInput {
  private final int bytesMax;
  private final Runnable onRoom;

  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean refused;
  private boolean closed;
  private boolean abandoned;
  private @Nullable Runnable reader;

  /**
   * An input that is empty and open.
   *
   * @param bytesMax what may wait
   * @param onRoom called, on a thread of the runner's, after an offer was refused and some of what
   *     waited is taken; must not block
   */
  public LiveInput(int bytesMax, Runnable onRoom) {
    this.bytesMax = bytesMax;
    this.onRoom = onRoom;
  }

  /**
   * Has these bytes written, after what was offered before. The array is not changed by anyone
   * afterwards.
   *
   * @return false when they do not fit: nothing of them is taken. They always fit when nothing
   *     waits
   * @throws IllegalStateException when it is closed
   */
  public boolean offer(byte[] bytes) {
    Runnable wake;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("an input that is closed is offered more");
      }
      if (abandoned || bytes.length == 0) {
        return true;
      }
      if (!waiting.isEmpty() && bytes.length > bytesMax - waitingBytes) {
        refused = true;
        return false;
      }
      waiting.add(bytes);
      waitingBytes += bytes.length;
      notifyAll();
      wake = reader;
    }
    if (wake != null) {
      wake.run();
    }
    return true;
  }

  /** End of file comes after what waits. Idempotent. */
  public void close() {
    Runnable wake;
    synchronized (this) {
      closed = true;
      notifyAll();
      wake = reader;
    }
    if (wake != null) {
      wake.run();
    }
  }

  /** Has {@code wake} called, by whoever offers, each time there is more or the end. */
  synchronized void attach(Runnable wake) {
    reader = wake;
  }

  /** The next bytes; null when there are none now. */
  byte @Nullable [] poll() {
    byte[] next;
    boolean room;
    synchronized (this) {
      next = waiting.poll();
      waitingBytes -= next == null ? 0 : next.length;
      room = next != null && refused;
      refused &= !room;
    }
    if (room) {
      onRoom.run();
    }
    return next;
  }

  /** The next bytes; null when there will be none. Blocks. */
  byte @Nullable [] take() throws InterruptedException {
    synchronized (this) {
      while (waiting.isEmpty() && !closed && !abandoned) {
        wait();
      }
    }
    return poll();
  }

  /** Whether there will be no more. */
  synchronized boolean finished() {
    return waiting.isEmpty() && (closed || abandoned);
  }

  /** Nobody reads it any more. */
  void abandon() {
    boolean room;
    synchronized (this) {
      abandoned = true;
      waiting.clear();
      waitingBytes = 0;
      room = refused;
      refused = false;
      notifyAll();
    }
    if (room) {
      onRoom.run();
    }
  }
}
