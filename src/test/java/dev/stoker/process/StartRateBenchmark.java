package dev.stoker.process;

import dev.stoker.run.StdStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many static {@code hello}s a runner starts, reads and reaps in a second, beside a C loop that
 * does the same. Needs {@code gcc}. Arguments: engine, seconds a round, spawning threads.
 */
final class StartRateBenchmark {
  private static final String C_LOOP =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <pthread.h>
      #include <spawn.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/resource.h>
      #include <sys/wait.h>
      #include <time.h>
      #include <unistd.h>
      static volatile int stop; static char *hello; static long total;
      static void *loop(void *unused) {
        long n = 0; char buffer[65536]; char *argv[] = {"hello", 0}; char *envp[] = {0};
        posix_spawnattr_t attr; posix_spawnattr_init(&attr);
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
        while (!stop) {
          int p[2]; pid_t pid; struct rusage usage; int status;
          if (pipe2(p, O_CLOEXEC)) exit(3);
          posix_spawn_file_actions_t actions; posix_spawn_file_actions_init(&actions);
          posix_spawn_file_actions_adddup2(&actions, p[1], 1);
          posix_spawn_file_actions_addclosefrom_np(&actions, 3);
          if (posix_spawn(&pid, hello, &actions, &attr, argv, envp)) exit(4);
          posix_spawn_file_actions_destroy(&actions);
          close(p[1]); while (read(p[0], buffer, sizeof buffer) > 0); close(p[0]);
          wait4(pid, &status, 0, &usage); n++;
        }
        __sync_fetch_and_add(&total, n); return unused;
      }
      int main(int argc, char **argv) {
        int threads = atoi(argv[2]); hello = argv[1]; pthread_t t[64];
        for (int i = 0; i < threads; i++) pthread_create(&t[i], 0, loop, 0);
        usleep(atof(argv[3]) * 1e6); stop = 1;
        for (int i = 0; i < threads; i++) pthread_join(t[i], 0);
        printf("%.0f\\n", total / atof(argv[3])); return 0;
      }
      """;

  private StartRateBenchmark() {}

  public static void main(String[] args) throws Exception {
    var engine = ProcessSettings.EngineChoice.valueOf(args[0]);
    int seconds = Integer.parseInt(args[1]);
    int spawnThreads = Integer.parseInt(args[2]);
    Path directory = Files.createTempDirectory("stoker-benchmark");
    Path hello =
        compile(directory, "hello", "#include <unistd.h>\nint main(){write(1,\"hello\\n\",6);}");
    Path loop = compile(directory, "loop", C_LOOP);
    try (ProcessRunner runner = ProcessRunner.open(new ProcessSettings(spawnThreads, engine))) {
      System.out.println(runner.describe() + ", " + spawnThreads + " spawning threads");
      rate(runner, hello, directory, 8, seconds);
      System.out.println(
          "in flight | C loop/s | Stoker/s | ratio | CPU us a run here | in the child");
      for (int inFlight : new int[] {1, 4, 8, 16}) {
        double c = cLoop(loop, hello, inFlight, seconds);
        double cpuNanos = cpuNanos();
        double childNanos = childNanos();
        double ours = rate(runner, hello, directory, inFlight, seconds);
        double micros = (cpuNanos() - cpuNanos) / (ours * seconds) / 1000;
        double childMicros = (childNanos() - childNanos) / (ours * seconds) / 1000;
        System.out.printf(
            "%9d | %8.0f | %8.0f | %5.2f | %17.0f | %.0f%n",
            inFlight, c, ours, ours / c, micros, childMicros);
      }
    }
  }

  private static double rate(
      ProcessRunner runner, Path hello, Path directory, int inFlight, int seconds)
      throws InterruptedException {
    ProcessSpec spec =
        new ProcessSpec(
            "benchmark",
            hello,
            List.of("hello"),
            Map.of("PATH", "/usr/bin:/bin"),
            directory,
            new StdinSource.Empty(),
            Duration.ZERO,
            Duration.ofMillis(250));
    Semaphore slots = new Semaphore(inFlight);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    long runs = 0;
    while (System.nanoTime() < until) {
      slots.acquire();
      runner.start(spec, new Counting(slots));
      runs++;
    }
    slots.acquire(inFlight);
    return (double) runs / seconds;
  }

  private static double cpuNanos() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime();
  }

  /** Of the children that were reaped; the kernel tells it in hundredths of a second. */
  private static double childNanos() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 16);
    return (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) * 1e7;
  }

  private static double cLoop(Path loop, Path hello, int threads, int seconds) throws Exception {
    return Double.parseDouble(
        output(loop.toString(), hello.toString(), "" + threads, "" + seconds).strip());
  }

  private static Path compile(Path directory, String name, String source) throws Exception {
    Path code = Files.writeString(directory.resolve(name + ".c"), source);
    Path program = directory.resolve(name);
    output("gcc", "-O2", "-static", "-w", "-o", program.toString(), code.toString(), "-pthread");
    return program;
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  private record Counting(Semaphore slots) implements ProcessListener {
    @Override
    public void onStarted(long pid) {}

    @Override
    public Flow onOutput(StdStream stream, ByteBuffer chunk) {
      return Flow.CONTINUE;
    }

    @Override
    public void onEnded(ProcessEnd end) {
      slots.release();
    }

    @Override
    public void onStartFailed(StartFailure failure) {
      throw new IllegalStateException(failure.reason());
    }
  }
}
