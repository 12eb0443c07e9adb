package dev.stoker.check;

import dev.stoker.process.ProcessSpec;
import dev.stoker.process.StdinSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Where one analysis after the other is done: a work directory, and how processes are started in
 * it. Used by one thread at a time.
 */
record Desk(Launcher launcher, Path directory, String mark, Duration timeout) {
  private static final Duration DRAIN = Duration.ofMillis(100);

  /** Runs an analyser on {@code input}. Blocks. */
  AnalyserRun.Result run(Path program, List<String> arguments, byte[] input)
      throws AnalysisException {
    String home = directory.toString();
    return AnalyserRun.run(
        launcher,
        new ProcessSpec(
            mark,
            program,
            arguments,
            Map.of("PATH", "/usr/bin:/bin", "LANG", "C.UTF-8", "HOME", home, "TMPDIR", home),
            directory,
            new StdinSource.Bytes(input),
            Duration.ZERO,
            DRAIN),
        timeout);
  }
}
