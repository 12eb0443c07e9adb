package dev.stoker.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.StdStream;
import dev.stoker.sandbox.ContainerProbe.Result;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs bubblewrap as a container's would be run. Stateless; blocks. */
record BubblewrapTrial(ProcessRunner runner) implements ContainerProbe.Trial {
  private static final long WAIT_MAX_SECONDS = 10;
  private static final int TEXT_BYTES_MAX = 1000;
  private static final Path ROOT = Path.of("/");

  @Override
  public Result run(Path program, List<String> argv) {
    Answer answer = new Answer();
    ProcessSpec spec =
        new ProcessSpec(
            "probe",
            program,
            argv,
            Map.of("PATH", "/usr/bin:/bin"),
            ROOT,
            new StdinSource.Empty(),
            Duration.ZERO,
            Duration.ZERO,
            Bubblewrap.confinement(ROOT));
    var process = runner.start(spec, answer);
    try {
      return answer.result.get(WAIT_MAX_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      process.kill();
      return new Result(false, "it does not end");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.kill();
      return new Result(false, "interrupted");
    }
  }

  private static final class Answer implements ProcessListener {
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    @Override
    public void onStarted(long pid) {}

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      byte[] bytes = new byte[Math.min(chunk.remaining(), TEXT_BYTES_MAX - text.size())];
      chunk.get(bytes);
      text.writeBytes(bytes);
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd end) {
      result.complete(new Result(end.exit().equals(new Exit.Code(0)), text.toString(UTF_8)));
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      result.complete(new Result(false, failure.reason()));
    }
  }
}
