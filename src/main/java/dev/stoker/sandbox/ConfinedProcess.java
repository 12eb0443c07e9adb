package dev.stoker.sandbox;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.stoker.process.Confinement;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.ProcessRunner;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StartFailure;
import dev.stoker.process.StdinSource;
import dev.stoker.run.StdStream;
import dev.stoker.sandbox.Layer.State;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that tries what it must not be able to do, and tells. Not thread-safe. */
final class ConfinedProcess {
  private static final long WAIT_MAX_SECONDS = 10;

  /** Everyone may read the first and write the second, but for the rules; $1 is this JVM. */
  private static final String TRIALS =
      """
      read -r line < /proc/version && echo 'it can read /proc'
      echo > /dev/zero && echo 'it can write outside its directory'
      kill -0 "$1" && echo 'it can signal this process'
      echo end
      """;

  private final ProcessRunner runner;

  ConfinedProcess(ProcessRunner runner) {
    this.runner = runner;
  }

  Layer layer(Confinement confinement) {
    String said = run(confinement).strip();
    return said.equals("end")
        ? new Layer(BootProbe.CONFINED, State.WORKS, "reads, writes and signals nothing outside")
        : new Layer(
            BootProbe.CONFINED, State.MISSING, said.replace("\nend", "").replace("\n", ", "));
  }

  private String run(Confinement confinement) {
    Answer answer = new Answer();
    runner.start(
        new ProcessSpec(
            "probe",
            Path.of("/bin/sh"),
            List.of("sh", "-c", TRIALS, "sh", Long.toString(ProcessHandle.current().pid())),
            Map.of("PATH", "/usr/bin:/bin"),
            Path.of("/"),
            new StdinSource.Empty(),
            Duration.ZERO,
            Duration.ZERO,
            confinement),
        answer);
    try {
      return answer.text.get(WAIT_MAX_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return "a confined process did not answer: " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** Its standard output, or why there was none. */
  private static final class Answer implements ProcessListener {
    private final StringBuilder stdout = new StringBuilder();
    private final CompletableFuture<String> text = new CompletableFuture<>();

    @Override
    public void onStarted(long pid) {}

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      if (stream == StdStream.STDOUT) {
        stdout.append(US_ASCII.decode(chunk));
      }
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd end) {
      text.complete(stdout.toString());
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      text.complete(failure.reason());
    }
  }
}
