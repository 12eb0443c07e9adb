package dev.stoker.output;

import dev.stoker.blob.BlobStore;
import dev.stoker.output.RunOutput.Verdict;
import dev.stoker.run.Captured;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a stream up to its bound. Its head is in memory; when it outgrows that, all of it goes to a
 * file, written by one worker at a time from a short queue.
 *
 * <pre>
 *   0 ........ head.length                       (memory, also after the file was begun)
 *   0 ............................ written        (file)
 *                                  written .... size   (queue, at most QUEUE_BYTES_MAX)
 * </pre>
 */
final class KeepSpool implements Spool {
  private static final Logger LOG = LoggerFactory.getLogger(KeepSpool.class);
  private static final int HEAD_BYTES_FIRST = 256;
  static final int QUEUE_BYTES_MAX = 512 * 1024;

  private final Vertx vertx;
  private final BlobStore blobs;
  private final SpoolFile file;
  private final int headMax;
  private final long bound;
  private Runnable room = () -> {};

  // Guarded by this, as are waiters and the opening and closing of the file.
  private final Waiters waiters;
  private final Deque<byte[]> queue = new ArrayDeque<>(0);
  private byte[] head = {};
  private int headBytes;
  private long written;
  private long size;
  private boolean spilled;
  private boolean writing;
  private boolean paused;
  private boolean exceeded;
  private boolean ended;
  private boolean closed;
  private int readers;
  private @Nullable IOException fault;
  private @Nullable Promise<Void> drained;

  KeepSpool(Vertx vertx, BlobStore blobs, SpoolFile file, int headMax, long bound) {
    this.vertx = vertx;
    this.blobs = blobs;
    this.file = file;
    this.headMax = headMax;
    this.bound = bound;
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
    boolean startWriter;
    synchronized (this) {
      int length = (int) Math.min(chunk.remaining(), bound - size);
      exceeded |= fault == null && length < chunk.remaining();
      if (length > 0 && fault == null && !ended) {
        keep(chunk, length);
      }
      chunk.position(chunk.limit());
      startWriter = !queue.isEmpty() && !writing;
      writing |= startWriter;
      paused = size - written > QUEUE_BYTES_MAX && spilled;
      verdict = verdict();
      woken = length > 0 ? waiters.take() : List.of();
    }
    Waiters.wake(woken);
    if (startWriter) {
      write();
    }
    return verdict;
  }

  /** Holds the lock. */
  private Verdict verdict() {
    if (fault != null) {
      return Verdict.FAILED;
    }
    if (exceeded) {
      return Verdict.EXCEEDED;
    }
    return paused ? Verdict.PAUSE : Verdict.MORE;
  }

  /** Holds the lock. */
  private void keep(ByteBuffer chunk, int length) {
    int toHead = Math.min(length, headMax - headBytes);
    if (toHead > 0) {
      if (headBytes + toHead > head.length) {
        int wish = Math.max(Math.max(head.length * 2, HEAD_BYTES_FIRST), headBytes + toHead);
        head = Arrays.copyOf(head, Math.min(headMax, wish));
      }
      chunk.get(chunk.position(), head, headBytes, toHead);
      headBytes += toHead;
    }
    if (!spilled && size + length > headMax) {
      spilled = true;
      if (headBytes > toHead) {
        queue.add(Arrays.copyOf(head, headBytes - toHead));
      }
    }
    if (spilled) {
      byte[] copy = new byte[length];
      chunk.get(chunk.position(), copy);
      queue.add(copy);
    }
    size += length;
  }

  /** Writes the queue out on a worker, until it is empty. */
  private void write() {
    vertx.executeBlocking(this::drain, false).onFailure(e -> LOG.error("spool writer", e));
  }

  private @Nullable Void drain() {
    while (true) {
      List<byte[]> chunks;
      synchronized (this) {
        if (queue.isEmpty()) {
          return finishDrain();
        }
        chunks = List.copyOf(queue);
      }
      long added = 0;
      IOException failed = null;
      try {
        for (byte[] chunk : chunks) {
          file.append(ByteBuffer.wrap(chunk));
          added += chunk.length;
        }
      } catch (IOException e) {
        LOG.warn("cannot write {}: {}", file.path(), e.getMessage());
        failed = e;
      }
      boolean resume;
      synchronized (this) {
        for (int i = 0; i < chunks.size(); i++) {
          queue.remove();
        }
        written += added;
        if (failed != null) {
          fault = failed;
          queue.clear();
          size = written;
        }
        resume = paused && size - written <= QUEUE_BYTES_MAX / 2;
        paused &= !resume;
      }
      if (resume) {
        room.run();
      }
    }
  }

  /** Holds the lock. */
  private @Nullable Void finishDrain() {
    writing = false;
    Promise<Void> waiting = drained;
    if (waiting != null) {
      drained = null;
      vertx.runOnContext(done -> waiting.complete());
    }
    return null;
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
  public Future<Captured> captured() {
    Future<Void> whole;
    synchronized (this) {
      if (!ended) {
        throw new IllegalStateException("the stream has not ended");
      }
      if (!spilled) {
        byte[] content = Arrays.copyOf(head, headBytes);
        return Future.succeededFuture(Captured.of(content, size, exceeded, null));
      }
      whole = Future.succeededFuture();
      if (writing) {
        drained = Promise.promise();
        whole = drained.future();
      }
    }
    return whole.compose(written -> vertx.executeBlocking(this::adopt, false));
  }

  /** The file becomes a blob; its channel stays open for those who read it. Blocks. */
  private Captured adopt() throws IOException {
    byte[] begin;
    synchronized (this) {
      begin = Arrays.copyOf(head, wholeCharacters(head, headBytes));
      if (fault != null) {
        return Captured.of(begin, headBytes, true, null);
      }
    }
    return Captured.of(begin, size, true, blobs.adopt(file.path()).digest());
  }

  /** How much of the head does not end inside a UTF-8 sequence. */
  private static int wholeCharacters(byte[] bytes, int length) {
    int back = 0;
    while (back < 3 && back < length && (bytes[length - 1 - back] & 0xC0) == 0x80) {
      back++;
    }
    int lead = length - 1 - back;
    if (lead < 0) {
      return length;
    }
    int width = Integer.numberOfLeadingZeros(~(bytes[lead] << 24));
    return width > back + 1 ? lead : length;
  }

  @Override
  public OutputReader reader() {
    synchronized (this) {
      readers++;
    }
    return new Reader();
  }

  @Override
  public void close() {
    end();
    synchronized (this) {
      closed = true;
      closeFileWhenUnused();
    }
  }

  /** Holds the lock. */
  private void closeFileWhenUnused() {
    if (closed && readers == 0 && !writing) {
      file.close();
    }
  }

  /** Reads at any pace; counted, so that the file goes with the last one. */
  private final class Reader implements OutputReader {
    private boolean open = true;

    @Override
    public long size() {
      synchronized (KeepSpool.this) {
        return size;
      }
    }

    @Override
    public boolean ended() {
      synchronized (KeepSpool.this) {
        return ended;
      }
    }

    @Override
    public Future<Buffer> read(long offset, int max) {
      synchronized (KeepSpool.this) {
        int length = (int) Math.clamp(size - offset, 0L, max);
        if (offset < headBytes) {
          int end = (int) Math.min(headBytes, offset + length);
          return Future.succeededFuture(Buffer.buffer(Arrays.copyOfRange(head, (int) offset, end)));
        }
        if (length == 0) {
          return Future.succeededFuture(Buffer.buffer());
        }
        if (offset >= written) {
          return Future.succeededFuture(queued(offset, length));
        }
        int inFile = (int) Math.min(length, written - offset);
        return vertx.executeBlocking(
            () -> FileReader.readFully(file.channel(), offset, inFile), false);
      }
    }

    /** Holds the lock. The rest of the chunk of the queue that has the offset. */
    private Buffer queued(long offset, int length) {
      long at = written;
      for (byte[] chunk : queue) {
        if (offset < at + chunk.length) {
          int from = (int) (offset - at);
          return Buffer.buffer(
              Arrays.copyOfRange(chunk, from, Math.min(chunk.length, from + length)));
        }
        at += chunk.length;
      }
      throw new IllegalStateException("offset " + offset + " is beyond the queue's end " + at);
    }

    @Override
    public Future<Void> more(long offset) {
      synchronized (KeepSpool.this) {
        return size > offset || ended ? Future.succeededFuture() : waiters.add();
      }
    }

    @Override
    public void close() {
      synchronized (KeepSpool.this) {
        if (open) {
          open = false;
          readers--;
          closeFileWhenUnused();
        }
      }
    }
  }
}
