package dev.stoker.function;

import static org.awaitility.Awaitility.await;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.StartFailure;
import dev.stoker.run.StdStream;
import dev.stoker.run.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps what a listener hears, and notes when it is called out of order. */
class Heard implements ProcessListener {
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private volatile boolean started;
  private volatile @Nullable ProcessEnd end;
  private volatile @Nullable StartFailure failure;
  private volatile @Nullable String complaint;

  @Override
  public void onStarted(long pid) {
    check(!started && end == null && failure == null, "onStarted");
    started = true;
  }

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    check(started && end == null && chunk.hasRemaining(), "onOutput");
    byte[] bytes = new byte[chunk.remaining()];
    chunk.get(bytes);
    ByteArrayOutputStream kept = stream == StdStream.STDOUT ? stdout : stderr;
    synchronized (kept) {
      kept.writeBytes(bytes);
    }
    return Flow.CONTINUE;
  }

  @Override
  public void onEnded(ProcessEnd how) {
    check(started && end == null, "onEnded");
    end = how;
  }

  @Override
  public void onStartFailed(StartFailure why) {
    check(!started && failure == null && end == null, "onStartFailed");
    failure = why;
  }

  private void check(boolean legal, String call) {
    if (!legal) {
      complaint = call + " came at the wrong time";
    }
  }

  Heard awaitEnd() {
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> end != null || failure != null);
    if (complaint != null) {
      throw new AssertionError(complaint);
    }
    return this;
  }

  Heard awaitOutput(String text) {
    await().atMost(Duration.ofSeconds(60)).until(() -> stdout().contains(text));
    return this;
  }

  boolean started() {
    return started;
  }

  ProcessEnd end() {
    return Objects.requireNonNull(awaitEnd().end, () -> "not started: " + failure);
  }

  Usage usage() {
    return Objects.requireNonNull(end().usage());
  }

  String failure() {
    return Objects.requireNonNull(awaitEnd().failure, () -> "it started, and ended: " + end)
        .reason();
  }

  String stdout() {
    return text(stdout);
  }

  String stderr() {
    return text(stderr);
  }

  private static String text(ByteArrayOutputStream kept) {
    synchronized (kept) {
      return kept.toString(StandardCharsets.UTF_8);
    }
  }
}
