package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker writes to its standard error: the log gets so much of it in a while, and the last
 * of it is kept. Thread-safe, with itself as the lock.
 */
final class WorkerLog {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLog.class);
  private static final int TAIL_BYTES = 2048;
  private static final int LOGGED_BYTES = 16 << 10;
  private static final long WHILE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String worker;
  private final byte[] tail = new byte[TAIL_BYTES];
  private long written;
  private long sinceNanos = System.nanoTime();
  private int loggedBytes;
  private long dropped;

  WorkerLog(String worker) {
    this.worker = worker;
  }

  /**
   * Takes all of a chunk.
   *
   * @return what of it the log is to get, empty when that is nothing
   */
  synchronized String add(ByteBuffer chunk) {
    long now = System.nanoTime();
    if (now - sinceNanos > WHILE_NANOS) {
      sinceNanos = now;
      loggedBytes = 0;
    }
    int logged = Math.min(chunk.remaining(), LOGGED_BYTES - loggedBytes);
    byte[] text = new byte[logged];
    chunk.duplicate().get(text);
    loggedBytes += logged;
    dropped += chunk.remaining() - logged;
    while (chunk.hasRemaining()) {
      tail[(int) (written++ % TAIL_BYTES)] = chunk.get();
    }
    return new String(text, UTF_8);
  }

  /** Writes to the log what {@link #add} has given for it. */
  void log(String text) {
    text.lines().map(Printable::text).filter(line -> !line.isEmpty()).forEach(this::logLine);
    long lost;
    synchronized (this) {
      lost = dropped;
      dropped = 0;
    }
    if (lost > 0) {
      LOG.info("worker {}: {} more bytes of its standard error are not logged", worker, lost);
    }
  }

  /** The last of it in one line; empty when there was none. */
  synchronized String tail() {
    int length = (int) Math.min(written, TAIL_BYTES);
    byte[] last = new byte[length];
    for (int i = 0; i < length; i++) {
      last[i] = tail[(int) ((written - length + i) % TAIL_BYTES)];
    }
    return Printable.text(new String(last, UTF_8)).replaceAll(" {2,}", " ");
  }

  private void logLine(String line) {
    LOG.info("worker {}: {}", worker, line);
  }
}
