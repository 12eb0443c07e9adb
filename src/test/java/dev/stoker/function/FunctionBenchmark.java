package dev.stoker.function;

import dev.stoker.process.ProcessEnd;
import dev.stoker.process.ProcessListener;
import dev.stoker.process.StartFailure;
import dev.stoker.run.StdStream;
import dev.stoker.tool.Tool;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.SynchronousQueue;

/**
 * How long a run of a trivial module takes, from being asked for to its end being told, one after
 * the other. Needs clang and its friends. Arguments: runs to warm up, runs to measure.
 */
final class FunctionBenchmark {
  private FunctionBenchmark() {}

  public static void main(String[] args) throws Exception {
    int before = Integer.parseInt(args[0]);
    int measured = Integer.parseInt(args[1]);
    Path directory = Files.createTempDirectory("stoker-benchmark");
    Path source =
        Files.writeString(
            directory.resolve("hello.c"),
            "#include <unistd.h>\nint main() { write(1, \"hello\\n\", 6); }");
    Path module = Wasm.compile(source, directory.resolve("hello.wasm"));
    try (FunctionFixture fixture = new FunctionFixture(directory, 1, "64MiB")) {
      Tool tool = fixture.tool(module);
      Path work = fixture.work();
      Ends ends = new Ends();
      long[] nanos = new long[measured];
      for (int i = -before; i < measured; i++) {
        long begun = System.nanoTime();
        fixture.start(ends, tool, work, new dev.stoker.process.StdinSource.Empty());
        ends.over.take();
        nanos[Math.max(i, 0)] = System.nanoTime() - begun;
      }
      Arrays.sort(nanos);
      System.out.printf(
          "%d runs: p50 %.3f ms, p99 %.3f ms, mean %.3f ms%n",
          measured,
          nanos[measured / 2] / 1e6,
          nanos[measured * 99 / 100] / 1e6,
          Arrays.stream(nanos).average().orElse(0) / 1e6);
    }
  }

  private static final class Ends implements ProcessListener {
    final SynchronousQueue<Boolean> over = new SynchronousQueue<>();

    @Override
    public void onStarted(long pid) {}

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd end) {
      try {
        over.put(true);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      throw new IllegalStateException(failure.reason());
    }
  }
}
