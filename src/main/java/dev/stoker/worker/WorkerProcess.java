package dev.stoker.worker;

import dev.stoker.process.LiveInput;
import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessSpec;
import dev.stoker.process.RunningProcess;
import dev.stoker.process.StdinSource;
import dev.stoker.run.Exit;
import dev.stoker.run.StdStream;
import dev.stoker.sandbox.Launch;
import dev.stoker.sandbox.Starter;
import dev.stoker.tool.ToolDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The process of a worker, and what it is told. Confined to the workers' thread. */
final class WorkerProcess {
  /** By which a program knows that it is to stay. */
  private static final String FLAG = "--persistent_worker";

  private static final int INPUT_BYTES_MAX = 4 << 20;
  private static final int LINE_BYTES_LEAST = 64 << 10;
  private static final int LINE_BYTES_MAX = 16 << 20;

  /** A byte of text may be written as an escape of six characters. */
  private static final int ESCAPE_CHARS = 6;

  private final Launch first;
  private final String name;
  private final WorkerLog log;
  private final LiveInput input;
  private @Nullable RunningProcess process;

  /**
   * Not started yet; what it is told waits.
   *
   * @param first a run whose tool, principal and environment the process gets
   * @param onRoom called when it may be told more, by any thread
   */
  WorkerProcess(Launch first, String name, Runnable onRoom) {
    this.first = first;
    this.name = name;
    this.log = new WorkerLog(name);
    this.input = new LiveInput(INPUT_BYTES_MAX, onRoom);
  }

  /**
   * Starts it. Once.
   *
   * @throws IllegalStateException when the starter is closed
   */
  void start(Starter starter, Path directory, Worker worker, WorkerThreads threads) {
    process =
        starter.start(
            new Launch(first.tool(), first.principal(), spec(directory)),
            new WorkerStreams(worker, threads, log, lineBytesMax()));
  }

  /** Writes a line to it; false when it has not read enough of what it was told before. */
  boolean tell(byte[] line) {
    return input.offer(line);
  }

  void readOn() {
    if (process != null) {
      process.resume(StdStream.STDOUT);
    }
  }

  /** Tells it that there is no more. */
  void endInput() {
    input.close();
  }

  void stop() {
    if (process != null) {
      process.stop();
    }
  }

  void kill() {
    if (process != null) {
      process.kill();
    }
  }

  /** What became of it, in words that complete "its worker …". */
  static String how(ProcessEnd end, boolean inALine, int requests) {
    String exit =
        switch (end.exit()) {
          case Exit.Code(int code) -> "ended with exit code " + code;
          case Exit.Signal signal -> "was ended by " + signal.name();
        };
    return exit
        + (inALine ? " in the middle of a line" : " before it answered")
        + (requests > 1 ? " any of " + requests + " requests" : "");
  }

  /** The last of what it wrote to its standard error. */
  String said() {
    return log.tail();
  }

  private ProcessSpec spec(Path directory) {
    ProcessSpec run = first.spec();
    ToolDefinition.Worker rules = Objects.requireNonNull(first.tool().definition().worker());
    List<String> argv = new ArrayList<>(rules.command());
    argv.add(FLAG);
    Map<String, String> environment = new HashMap<>(run.environment());
    environment.put("HOME", directory.toString());
    environment.put("TMPDIR", directory.toString());
    String node = run.mark().substring(0, run.mark().lastIndexOf('/') + 1);
    return new ProcessSpec(
        node + "worker/" + name,
        run.executable(),
        argv,
        environment,
        directory,
        new StdinSource.Live(input),
        run.grace(),
        run.drain());
  }

  private int lineBytesMax() {
    long stdout = first.tool().definition().limits().stdout().bytes();
    return (int) Math.min(LINE_BYTES_MAX, LINE_BYTES_LEAST + ESCAPE_CHARS * stdout);
  }
}
