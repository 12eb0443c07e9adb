package dev.stoker.process;

import static org.awaitility.Awaitility.await;

import dev.stoker.run.Exit;
import dev.stoker.run.StdStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Keeps what a listener hears, and notes when it is called out of order. */
public class Recording implements ProcessListener {
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final AtomicInteger inside = new AtomicInteger();
  private volatile long pid = -1;
  private volatile @Nullable ProcessEnd end;
  private volatile @Nullable StartFailure failure;
  private volatile @Nullable String complaint;
  private volatile long endedNanos;

  @Override
  public void onStarted(long startedPid) {
    enter(pid == -1 && end == null && failure == null, "onStarted");
    pid = startedPid;
    inside.decrementAndGet();
  }

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    enter(pid > 0 && end == null && chunk.hasRemaining(), "onOutput");
    try {
      return take(stream, chunk);
    } finally {
      inside.decrementAndGet();
    }
  }

  @Override
  public void onEnded(ProcessEnd processEnd) {
    enter(pid > 0 && end == null, "onEnded");
    endedNanos = System.nanoTime();
    end = processEnd;
    inside.decrementAndGet();
  }

  @Override
  public void onStartFailed(StartFailure startFailure) {
    enter(pid == -1 && failure == null && end == null, "onStartFailed");
    failure = startFailure;
    inside.decrementAndGet();
  }

  public Flow take(StdStream stream, ByteBuffer chunk) {
    byte[] bytes = new byte[chunk.remaining()];
    chunk.get(bytes);
    ByteArrayOutputStream kept = stream == StdStream.STDOUT ? stdout : stderr;
    synchronized (kept) {
      kept.writeBytes(bytes);
    }
    return Flow.CONTINUE;
  }

  public Recording awaitStarted() {
    await().pollInterval(Duration.ofMillis(1)).until(() -> pid > 0);
    return this;
  }

  public Recording awaitEnd() {
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(30))
        .until(() -> end != null || failure != null);
    if (complaint != null) {
      throw new AssertionError(complaint);
    }
    return this;
  }

  public boolean started() {
    return pid > 0;
  }

  public boolean over() {
    return end != null || failure != null;
  }

  public long pid() {
    return pid;
  }

  public ProcessEnd end() {
    return Objects.requireNonNull(end, () -> "not started: " + failure);
  }

  public Exit exit() {
    return end().exit();
  }

  public StartFailure failure() {
    return Objects.requireNonNull(failure, () -> "it started, and ended: " + end);
  }

  public long endedNanos() {
    return endedNanos;
  }

  public String stdout() {
    return new String(bytes(StdStream.STDOUT), StandardCharsets.UTF_8);
  }

  public String stderr() {
    return new String(bytes(StdStream.STDERR), StandardCharsets.UTF_8);
  }

  public byte[] bytes(StdStream stream) {
    ByteArrayOutputStream kept = stream == StdStream.STDOUT ? stdout : stderr;
    synchronized (kept) {
      return kept.toByteArray();
    }
  }

  private void enter(boolean legal, String call) {
    if (inside.incrementAndGet() != 1 || !legal) {
      complaint = call + " came at the wrong time";
    }
  }
}
