package dev.stoker.output;

import dev.stoker.output.RunOutput.Verdict;
import dev.stoker.run.Captured;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Passes a stream to one reader through a window: when the process is a window ahead it is read no
 * more, so memory stays flat however long the stream and however slow the reader.
 */
final class PassSpool implements Spool {
  private final long window;
  private Runnable room = () -> {};

  // Guarded by this.
  private final Waiters waiters;
  private final Deque<byte[]> chunks = new ArrayDeque<>();
  private long first;
  private long size;
  private boolean paused;
  private boolean ended;
  private boolean abandoned;
  private boolean stopped;
  private boolean taken;

  PassSpool(Vertx vertx, long window) {
    this.window = window;
    this.waiters = new Waiters(vertx);
  }

  @Override
  public void onRoom(Runnable handler) {
    room = handler;
  }

  @Override
  public Verdict append(ByteBuffer chunk) {
    List<Waiters.Waiter> woken;
    Verdict verdict;
    synchronized (this) {
      byte[] copy = new byte[chunk.remaining()];
      chunk.get(copy);
      size += copy.length;
      if (abandoned) {
        first = size;
      } else if (stopped) {
        size -= copy.length;
      } else {
        chunks.add(copy);
      }
      paused = !stopped && size - first >= window;
      verdict = paused ? Verdict.PAUSE : Verdict.MORE;
      woken = waiters.take();
    }
    Waiters.wake(woken);
    return verdict;
  }

  @Override
  public void end() {
    List<Waiters.Waiter> woken;
    synchronized (this) {
      ended = true;
      woken = waiters.take();
    }
    Waiters.wake(woken);
  }

  @Override
  public synchronized Future<Captured> captured() {
    return Future.succeededFuture(Captured.of(new byte[0], size, size > 0, null));
  }

  @Override
  public OutputReader reader() {
    return new Reader();
  }

  @Override
  public void close() {
    end();
  }

  /** Takes no more, and holds up the writer no more. */
  void stopPassing() {
    boolean resume;
    synchronized (this) {
      stopped = true;
      resume = paused;
      paused = false;
    }
    if (resume) {
      room.run();
    }
  }

  /** Whether nobody has taken the reader yet. */
  synchronized boolean take() {
    boolean first = !taken;
    taken = true;
    return first;
  }

  /** The only one; forgets what it has passed. */
  private final class Reader implements OutputReader {
    @Override
    public long size() {
      synchronized (PassSpool.this) {
        return size;
      }
    }

    @Override
    public boolean ended() {
      synchronized (PassSpool.this) {
        return ended;
      }
    }

    @Override
    public Future<Buffer> read(long offset, int max) {
      Buffer read;
      boolean resume;
      synchronized (PassSpool.this) {
        if (offset < first) {
          return Future.failedFuture(
              new ServiceException(
                  ErrorCode.OUTPUT_NOT_FOUND, "the stream is passed through and not kept"));
        }
        read = Buffer.buffer();
        resume = forgetTo(offset);
        for (byte[] chunk : chunks) {
          int from = (int) Math.max(0, offset - (first + read.length()));
          if (read.length() + chunk.length - from > max && read.length() > 0) {
            break;
          }
          read.appendBytes(chunk, from, Math.min(chunk.length - from, max));
          if (from > 0 || chunk.length > max) {
            break;
          }
        }
      }
      if (resume) {
        room.run();
      }
      return Future.succeededFuture(read);
    }

    @Override
    public Future<Void> more(long offset) {
      boolean resume;
      Future<Void> more;
      synchronized (PassSpool.this) {
        resume = forgetTo(offset);
        more = size > offset || ended ? Future.succeededFuture() : waiters.add();
      }
      if (resume) {
        room.run();
      }
      return more;
    }

    @Override
    public void close() {
      boolean resume;
      synchronized (PassSpool.this) {
        abandoned = true;
        resume = forgetTo(size);
      }
      if (resume) {
        room.run();
      }
    }

    /** Holds the lock. Drops what lies before the offset; tells whether the writer may go on. */
    private boolean forgetTo(long offset) {
      while (!chunks.isEmpty() && first < offset) {
        byte[] chunk = chunks.remove();
        if (first + chunk.length > offset) {
          chunks.addFirst(Arrays.copyOfRange(chunk, (int) (offset - first), chunk.length));
          first = offset;
        } else {
          first += chunk.length;
        }
      }
      boolean resume = paused && size - first <= window / 2;
      paused &= !resume;
      return resume;
    }
  }
}
