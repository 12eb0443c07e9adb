package dev.stoker.audit;

import static dev.stoker.run.Principal.SYSTEM;

import dev.stoker.run.Origin;
import io.vertx.core.Promise;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes entries, in the order in which they were given, on a thread of its own. What cannot be
 * written is lost and counted; the file says so once it can be written again.
 */
final class AuditWriter {
  private static final Logger LOG = LoggerFactory.getLogger(AuditWriter.class);
  private static final int BATCH_MAX = 1024;
  private static final long CHUNK_BYTES_MAX = 256 * 1024;

  /** How often a file that could not be written is tried again. */
  private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long COMPLAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long CLOSE_MILLIS = 10_000;
  private static final long IDLE_NANOS = TimeUnit.HOURS.toNanos(1);

  /** A write that takes longer hangs, and nobody waits longer for an entry. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long LOOK_MILLIS = 250;
  private static final long NOT_WRITING = 0;

  private final AuditSettings settings;
  private final String node;
  private final ArrayBlockingQueue<Waiting> queue;
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong late = new AtomicLong();
  private final long chunkBytesMax;
  private final Thread thread;
  private final ScheduledExecutorService watch;
  private volatile boolean healthy = true;

  /** When the thread went to the disk; {@link #NOT_WRITING} while it is not there. */
  private volatile long writingNanos = NOT_WRITING;

  /** What the thread has taken and not dealt with; not changed once it is here. */
  private volatile List<Waiting> taken = List.of();

  private volatile boolean closing;

  // Confined to the watch, and to who closes once that has ended.
  private long lateToldNanos = System.nanoTime() - COMPLAIN_NANOS;

  // Confined to the thread.
  private final AuditFile file;
  private long toldLost;
  private boolean dirty;
  private long syncedNanos = System.nanoTime();
  private long complainedNanos = System.nanoTime() - COMPLAIN_NANOS;

  /** An entry, and who waits until it is written, or lost, or late. */
  private record Waiting(
      @Nullable AuditEntry entry, @Nullable Promise<Void> written, long sinceNanos) {
    static final Waiting NOTHING = new Waiting(null, null, 0);

    /** Whether somebody waited until now. */
    boolean over() {
      return written != null && written.tryComplete();
    }
  }

  AuditWriter(AuditSettings settings, AuditFile file, String node) {
    this.settings = settings;
    this.file = file;
    this.node = node;
    this.queue = new ArrayBlockingQueue<>(settings.waitingMax());
    this.chunkBytesMax = Math.min(CHUNK_BYTES_MAX, settings.maxSize().bytes());
    this.thread = Thread.ofPlatform().name("stoker-audit").daemon().unstarted(this::run);
    this.watch =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("stoker-audit-watch").daemon().unstarted(task));
  }

  void begin() {
    thread.start();
    if (settings.required()) {
      var _ =
          watch.scheduleWithFixedDelay(
              () -> letGo(PATIENCE_NANOS), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Never blocks. {@code written} is completed on any thread, within some seconds. */
  void write(AuditEntry entry, @Nullable Promise<Void> written) {
    Waiting waiting = new Waiting(entry, written, System.nanoTime());
    if (closing || !queue.offer(waiting)) {
      lost.incrementAndGet();
      waiting.over();
    } else if (hangs()) {
      tooLate(waiting);
    }
  }

  long lost() {
    return lost.get();
  }

  long late() {
    return late.get();
  }

  /** Whether an entry that is given now will probably be written soon. */
  boolean canWrite() {
    return healthy && !hangs() && queue.remainingCapacity() > 0;
  }

  private boolean hangs() {
    long since = writingNanos;
    return !thread.isAlive()
        || (since != NOT_WRITING && System.nanoTime() - since > PATIENCE_NANOS);
  }

  /** Whoever has waited for so long waits no more; the entries are written when they can be. */
  private void letGo(long nanos) {
    long now = System.nanoTime();
    long before = late.get();
    Stream.concat(taken.stream(), queue.stream())
        .takeWhile(waiting -> now - waiting.sinceNanos() > nanos)
        .forEach(this::tooLate);
    if (late.get() > before && now - lateToldNanos >= COMPLAIN_NANOS) {
      lateToldNanos = now;
      LOG.error("the audit log {} is not written in time", settings.file());
    }
  }

  private void tooLate(Waiting waiting) {
    if (waiting.over()) {
      late.incrementAndGet();
    }
  }

  /** Writes what waits, within some seconds, and ends. */
  void close() {
    closing = true;
    // Wakes it. Where there is no room it is awake; an interrupt would close the file.
    queue.offer(Waiting.NOTHING);
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.close();
    if (thread.isAlive()) {
      LOG.error("{} entries of the audit log were not written", taken.size() + queue.size());
    }
    letGo(Long.MIN_VALUE);
  }

  private void run() {
    List<Waiting> batch = new ArrayList<>(BATCH_MAX);
    try {
      while (!closing || !queue.isEmpty()) {
        Waiting first = queue.poll(patienceNanos(), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH_MAX - 1);
        }
        taken = List.copyOf(batch);
        write(batch);
        taken = List.of();
        batch.clear();
      }
      end();
    } catch (InterruptedException e) {
      LOG.error("the audit log was interrupted, which nobody may do; it ends", e);
    }
  }

  private long patienceNanos() {
    if (!healthy) {
      return AGAIN_NANOS;
    }
    return dirty
        ? Math.max(1, settings.sync().toNanos() - (System.nanoTime() - syncedNanos))
        : IDLE_NANOS;
  }

  private void write(List<Waiting> batch) {
    Chunk chunk = new Chunk();
    for (Waiting waiting : batch) {
      AuditEntry entry = waiting.entry();
      if (entry != null) {
        byte[] line = line(entry);
        if (chunk.lines.size() + line.length > chunkBytesMax) {
          write(chunk);
          chunk = new Chunk();
        }
        chunk.lines.writeBytes(line);
        chunk.entries.add(waiting);
      }
    }
    write(chunk);
  }

  private void write(Chunk chunk) {
    // Never what stands for its opposite.
    writingNanos = System.nanoTime() | 1;
    try {
      if (chunk.lines.size() > 0) {
        file.append(ByteBuffer.wrap(chunk.lines.toByteArray()));
        dirty = true;
      }
      if (dirty && System.nanoTime() - syncedNanos >= settings.sync().toNanos()) {
        file.sync();
        dirty = false;
        syncedNanos = System.nanoTime();
      }
      toldLost = chunk.lost;
      healthy = true;
    } catch (IOException | RuntimeException e) {
      lost.addAndGet(chunk.entries.size());
      healthy = false;
      complain(e);
    } finally {
      writingNanos = NOT_WRITING;
    }
    chunk.entries.forEach(Waiting::over);
  }

  private void complain(Exception e) {
    long now = System.nanoTime();
    if (now - complainedNanos >= COMPLAIN_NANOS) {
      complainedNanos = now;
      LOG.error("the audit log {} cannot be written: entries are lost", settings.file(), e);
    }
  }

  private byte[] line(AuditEntry entry) {
    return (entry.json(node).encode() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void end() {
    try (file) {
      file.sync();
    } catch (IOException e) {
      LOG.error("the audit log {} could not be closed", settings.file(), e);
    }
  }

  /** What is written at once: first how many were lost, if some were and it was not said. */
  private final class Chunk {
    private final List<Waiting> entries = new ArrayList<>();
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
    private final long lost = AuditWriter.this.lost.get();

    Chunk() {
      if (lost > toldLost) {
        lines.writeBytes(
            line(
                AuditEntry.of(Action.LOST, SYSTEM, Origin.SYSTEM)
                    .detail((lost - toldLost) + " entries")));
      }
    }
  }
}
