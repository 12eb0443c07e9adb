package dev.stoker.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.run.Exit;
import dev.stoker.run.StdStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A run, and what its listener has heard. Complains when it is called out of order. */
final class RunOfWorker implements ProcessListener {
  private final Path directory;
  private final Flow flow;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final AtomicReference<@Nullable String> complaint = new AtomicReference<>();
  private volatile @Nullable RunningProcess process;
  private volatile long pid;
  private volatile int chunks;
  private volatile @Nullable ProcessEnd end;
  private volatile @Nullable StartFailure failure;

  RunOfWorker(Path directory, Flow flow) {
    this.directory = directory;
    this.flow = flow;
  }

  void is(RunningProcess handle) {
    process = handle;
  }

  Path directory() {
    return directory;
  }

  RunningProcess process() {
    return Objects.requireNonNull(process);
  }

  @Override
  public void onStarted(long number) {
    expect(pid == 0 && !isOver(), "onStarted");
    pid = number;
  }

  @Override
  public synchronized Flow onOutput(StdStream stream, ByteBuffer chunk) {
    expect(pid > 0 && !isOver() && chunk.hasRemaining(), "onOutput");
    byte[] bytes = new byte[chunk.remaining()];
    chunk.get(bytes);
    output.writeBytes(bytes);
    chunks = chunks + 1;
    return flow;
  }

  @Override
  public void onEnded(ProcessEnd how) {
    expect(pid > 0 && !isOver(), "onEnded");
    end = how;
  }

  @Override
  public void onStartFailed(StartFailure why) {
    expect(pid == 0 && !isOver(), "onStartFailed");
    failure = why;
  }

  boolean isOver() {
    return end != null || failure != null;
  }

  long pid() {
    return pid;
  }

  int chunks() {
    return chunks;
  }

  synchronized String output() {
    return output.toString(UTF_8);
  }

  RunOfWorker awaitStarted() {
    await().atMost(Duration.ofSeconds(20)).until(() -> pid > 0);
    return this;
  }

  RunOfWorker awaitOver() {
    await().pollInterval(Duration.ofMillis(2)).atMost(Duration.ofSeconds(30)).until(this::isOver);
    if (complaint.get() != null) {
      throw new AssertionError(complaint.get());
    }
    return this;
  }

  ProcessEnd end() {
    awaitOver();
    return Objects.requireNonNull(end, () -> "it never ran: " + failure);
  }

  Exit exit() {
    return end().exit();
  }

  /** Why it is what it is, if not by its exit. */
  String reason() {
    return Objects.requireNonNull(end().verdict(), () -> "it is judged by its exit").reason();
  }

  String startFailure() {
    awaitOver();
    return Objects.requireNonNull(failure, () -> "it ran: " + end).reason();
  }

  private void expect(boolean legal, String call) {
    if (!legal) {
      complaint.compareAndSet(null, call + " came at the wrong time");
    }
  }
}
