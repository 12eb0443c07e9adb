package dev.stoker.blob;

import dev.stoker.run.ByteSize;
import dev.stoker.run.Digest;
import dev.stoker.run.ErrorCode;
import dev.stoker.run.ServiceException;
import dev.stoker.run.Violation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An upload into a file. Its context writes; one thread of the store at a time hashes and stores.
 *
 * <pre>
 *   OPEN ──finish──▶ ENDING ──stored──▶ STORED
 *     └──────┬──────────┘
 *          fault, abort ──▶ FAILED (the file is removed)
 * </pre>
 */
final class FileUpload implements BlobUpload {
  private static final Logger LOG = LoggerFactory.getLogger(FileUpload.class);
  private static final int WAITING_BYTES_MAX = 1 << 20;

  private enum State {
    OPEN,
    ENDING,
    STORED,
    FAILED
  }

  private record Chunk(Buffer content, Promise<Void> written) {}

  private final LocalBlobStore store;
  private final Context context;
  private final String field;
  private final ByteSize max;
  private final Promise<Blob> result = Promise.promise();

  // Used by the one task that is under way; the lock hands it on.
  private final UploadFile file;

  // Guarded by this.
  private final ArrayDeque<Chunk> waiting = new ArrayDeque<>();
  private State state = State.OPEN;
  private boolean working;
  private boolean full;
  private long acceptedBytes;
  private long waitingBytes;
  private int waitingBytesMax = WAITING_BYTES_MAX;
  private long lastWriteNanos = System.nanoTime();
  private @Nullable Digest expected;
  private @Nullable ServiceException failure;
  private @Nullable Handler<Void> drainHandler;
  private @Nullable Handler<Throwable> exceptionHandler;

  FileUpload(LocalBlobStore store, Context context, String field, ByteSize max, UploadFile file) {
    this.store = store;
    this.context = context;
    this.field = field;
    this.max = max;
    this.file = file;
  }

  @Override
  public Future<Void> write(Buffer content) {
    Promise<Void> written = Promise.promise();
    boolean fits;
    synchronized (this) {
      if (state != State.OPEN) {
        return Future.failedFuture(
            failure != null ? failure : new IllegalStateException("the upload has ended"));
      }
      acceptedBytes += content.length();
      fits = acceptedBytes <= max.bytes();
      if (fits) {
        waiting.add(new Chunk(content, written));
        waitingBytes += content.length();
        full = full || waitingBytes >= waitingBytesMax;
        lastWriteNanos = System.nanoTime();
      }
    }
    if (!fits) {
      ServiceException tooLarge = tooLarge();
      fail(tooLarge);
      return Future.failedFuture(tooLarge);
    }
    work();
    return written.future();
  }

  @Override
  public Future<Void> end() {
    return finish().mapEmpty();
  }

  @Override
  public Future<Blob> finish() {
    return finishAs(null);
  }

  @Override
  public Future<Blob> finish(Digest expected) {
    return finishAs(expected);
  }

  private Future<Blob> finishAs(@Nullable Digest digest) {
    synchronized (this) {
      if (state == State.OPEN) {
        state = State.ENDING;
        expected = digest;
      }
    }
    work();
    return result.future();
  }

  @Override
  public void abort() {
    boolean open;
    synchronized (this) {
      open = state == State.OPEN;
    }
    if (open) {
      fail(new ServiceException(ErrorCode.INVALID_REQUEST, field + " was not sent to its end"));
    }
  }

  /** Ends it badly, unless it has ended. Thread-safe. */
  void fail(ServiceException why) {
    List<Chunk> dropped;
    Handler<Throwable> told;
    synchronized (this) {
      if (state == State.STORED || state == State.FAILED) {
        return;
      }
      state = State.FAILED;
      failure = why;
      dropped = List.copyOf(waiting);
      waiting.clear();
      told = exceptionHandler;
    }
    store.ended(this);
    work();
    context.runOnContext(
        on -> {
          dropped.forEach(chunk -> chunk.written.tryFail(why));
          result.tryFail(why);
          if (told != null) {
            told.handle(why);
          }
        });
  }

  /** How long ago content came last. Thread-safe. */
  synchronized long idleNanos() {
    return System.nanoTime() - lastWriteNanos;
  }

  private void work() {
    synchronized (this) {
      boolean idle = state == State.OPEN && waiting.isEmpty();
      if (working || idle || state == State.STORED) {
        return;
      }
      working = true;
    }
    try {
      store.threads().execute(this::step);
    } catch (RejectedExecutionException closed) {
      fail(LocalBlobStore.closed());
      discard();
    }
  }

  /** One task: writes what waits, then lets other uploads have the thread. */
  private void step() {
    List<Chunk> chunks;
    State now;
    synchronized (this) {
      chunks = List.copyOf(waiting);
      waiting.clear();
      now = state;
    }
    if (now == State.FAILED) {
      // The last task of a failed upload: it stays the working one, so that none comes after.
      discard();
      return;
    }
    try {
      write(chunks);
      if (now == State.ENDING) {
        store();
      }
    } catch (IOException e) {
      LOG.warn("an upload into {} failed", file.path(), e);
      ServiceException why = DiskFault.explain(e);
      fail(why);
      context.runOnContext(on -> chunks.forEach(chunk -> chunk.written.tryFail(why)));
    }
    synchronized (this) {
      working = false;
    }
    work();
  }

  private void write(List<Chunk> chunks) throws IOException {
    int bytes = 0;
    for (Chunk chunk : chunks) {
      file.write(chunk.content.getBytes());
      bytes += chunk.content.length();
    }
    Handler<Void> drained = null;
    synchronized (this) {
      waitingBytes -= bytes;
      if (full && waitingBytes <= waitingBytesMax / 2) {
        full = false;
        drained = drainHandler;
      }
    }
    if (!chunks.isEmpty()) {
      Handler<Void> told = drained;
      context.runOnContext(
          on -> {
            chunks.forEach(chunk -> chunk.written.tryComplete());
            if (told != null) {
              told.handle(null);
            }
          });
    }
  }

  private void store() throws IOException {
    Blob blob = file.seal(store.uses().now());
    Digest wanted = expected();
    if (wanted != null && !wanted.equals(blob.digest())) {
      fail(new ServiceException(ErrorCode.DIGEST_MISMATCH, field + " is not what its digest says"));
      return;
    }
    store.place(file.path(), blob);
    synchronized (this) {
      if (state != State.ENDING) {
        return;
      }
      state = State.STORED;
    }
    store.ended(this);
    context.runOnContext(on -> result.tryComplete(blob));
  }

  private synchronized @Nullable Digest expected() {
    return expected;
  }

  private void discard() {
    try {
      file.discard();
    } catch (IOException e) {
      LOG.warn("what is left of a failed upload could not be removed: {}", file.path(), e);
    }
  }

  private ServiceException tooLarge() {
    return ServiceException.invalid(
        ErrorCode.PAYLOAD_TOO_LARGE,
        field + " is larger than " + max,
        List.of(new Violation(field, "at most " + max + " are allowed")));
  }

  @Override
  public synchronized boolean writeQueueFull() {
    return full && state == State.OPEN;
  }

  @Override
  public synchronized FileUpload setWriteQueueMaxSize(int maxSize) {
    if (maxSize < 1) {
      throw new IllegalArgumentException("a write queue holds at least one byte, not " + maxSize);
    }
    waitingBytesMax = maxSize;
    return this;
  }

  @Override
  public FileUpload drainHandler(@Nullable Handler<Void> handler) {
    boolean drained;
    synchronized (this) {
      drainHandler = handler;
      drained = !full;
    }
    if (handler != null && drained) {
      // The disk was faster than the caller, who has just seen the queue full.
      context.runOnContext(handler);
    }
    return this;
  }

  @Override
  public synchronized FileUpload exceptionHandler(@Nullable Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }
}
