package dev.stoker.check;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StartFailure;
import dev.stoker.run.DurationText;
import dev.stoker.run.Exit;
import dev.stoker.run.StdStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One process of an analyser, from start to end. The runner's threads write its fields one at a
 * time; the thread that waits reads them after the end.
 */
final class AnalyserRun implements ProcessListener {
  /** shellcheck says some 300 bytes of a finding; more than this is of no use to anyone. */
  private static final int OUTPUT_BYTES_MAX = 4 << 20;

  /** How long a killed process is given to be gone. */
  private static final Duration END = Duration.ofSeconds(5);

  private final CompletableFuture<Exit> ended = new CompletableFuture<>();
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private boolean tooMuch;

  /** What a process wrote, and how it ended. */
  record Result(Exit exit, byte[] stdout) {}

  private AnalyserRun() {}

  /** Runs it. Blocks for at most {@code timeout} and what it takes to kill it. */
  static Result run(Launcher launcher, ProcessSpec spec, Duration timeout)
      throws AnalysisException {
    AnalyserRun run = new AnalyserRun();
    RunningProcess process = launcher.start(spec, run);
    String program = String.valueOf(spec.executable().getFileName());
    try {
      Exit exit = run.await(timeout);
      if (exit == null) {
        process.kill();
        run.await(END);
        throw new AnalysisException(program + " took longer than " + DurationText.format(timeout));
      }
      if (run.tooMuch) {
        throw new AnalysisException(program + " found more than can be told");
      }
      return new Result(exit, run.stdout.toByteArray());
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new AnalysisException(
          program + " cannot be started: " + (cause == null ? e : cause).getMessage());
    } catch (InterruptedException e) {
      process.kill();
      Thread.currentThread().interrupt();
      throw new AnalysisException(program + " was interrupted: the node is stopping");
    }
  }

  private @Nullable Exit await(Duration patience) throws ExecutionException, InterruptedException {
    try {
      return ended.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    }
  }

  @Override
  public void onStarted(long pid) {}

  @Override
  public Flow onOutput(StdStream stream, ByteBuffer chunk) {
    // What is over the bound is read and dropped: a full pipe would only cost the whole timeout.
    if (stream == StdStream.STDOUT && !tooMuch) {
      tooMuch = stdout.size() + chunk.remaining() > OUTPUT_BYTES_MAX;
      byte[] bytes = new byte[tooMuch ? 0 : chunk.remaining()];
      chunk.get(bytes);
      stdout.writeBytes(bytes);
    }
    return Flow.CONTINUE;
  }

  @Override
  public void onEnded(ProcessEnd end) {
    ended.complete(end.exit());
  }

  @Override
  public void onStartFailed(StartFailure failure) {
    ended.completeExceptionally(new IllegalStateException(failure.reason()));
  }
}
