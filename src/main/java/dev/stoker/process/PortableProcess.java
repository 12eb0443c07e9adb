package dev.stoker.process;

import dev.stoker.run.Exit;
import dev.stoker.run.RunLog;
import dev.stoker.run.Signals;
import dev.stoker.run.StdStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of the portable runner; {@link #run} sees it from its start to its end. Thread-safe;
 * its lock guards the orders, and each of the listener's calls, so that they come one at a time.
 */
final class PortableProcess implements RunningProcess, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PortableProcess.class);
  private static final Pattern ERRNO = Pattern.compile("error[=:] ?(\\d+)");
  private static final long SWEEP_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SWEEP_PAUSE_MILLIS = 2;

  /** What a shell adds to a signal's number, and Java, too. */
  private static final int SIGNAL_BASE = 128;

  private static final int SIGNAL_MAX = 64;

  private final ProcessSpec spec;
  private final ProcessListener listener;
  private final Executor threads;
  private final ScheduledExecutorService clock;
  private final Consumer<PortableProcess> whenOver;
  private final Set<ProcessHandle> descendants = ConcurrentHashMap.newKeySet();

  // Written once, under the lock.
  private volatile @Nullable PortableOutput stdout;
  private volatile @Nullable PortableOutput stderr;

  // Under the lock.
  private @Nullable Process process;
  private Child.Order order = Child.Order.NONE;

  PortableProcess(
      ProcessSpec spec,
      ProcessListener listener,
      Executor threads,
      ScheduledExecutorService clock,
      Consumer<PortableProcess> whenOver) {
    this.spec = spec;
    this.listener = listener;
    this.threads = threads;
    this.clock = clock;
    this.whenOver = whenOver;
  }

  @Override
  public void run() {
    Process started;
    try {
      started = start();
    } catch (IOException e) {
      fail(failure(e));
      return;
    }
    if (started == null) {
      fail(StartFailures.stopped(spec));
      return;
    }
    try {
      feed(started);
      int code = started.waitFor();
      if (spec.stdin() instanceof StdinSource.Live(var input)) {
        input.abandon();
      }
      int strays = killDescendants();
      end(code, strays);
    } catch (InterruptedException e) {
      RunLog.of(LOG.atError(), spec.mark())
          .setCause(e)
          .log("interrupted while process {} was awaited", started.pid());
      started.destroyForcibly();
    }
  }

  @Override
  public void resume(StdStream stream) {
    PortableOutput output = stream == StdStream.STDOUT ? stdout : stderr;
    if (output != null) {
      output.resume();
    }
  }

  @Override
  public void stop() {
    clock.execute(() -> obey(Child.Order.STOP));
  }

  @Override
  public void kill() {
    clock.execute(() -> obey(Child.Order.KILL));
  }

  /** Notes who descends from it: as soon as the process has gone nobody can tell. */
  synchronized void look() {
    if (process != null && process.isAlive()) {
      process.descendants().forEach(descendants::add);
    }
  }

  /** Passes output on, one call at a time. */
  synchronized ProcessListener.Flow deliver(StdStream stream, ByteBuffer chunk) {
    try {
      return listener.onOutput(stream, chunk);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), spec.mark())
          .setCause(e)
          .log("the listener failed in onOutput; killed");
      kill();
      return ProcessListener.Flow.CONTINUE;
    }
  }

  private synchronized void obey(Child.Order wanted) {
    if (order.compareTo(wanted) >= 0) {
      return;
    }
    order = wanted;
    if (process == null) {
      return;
    }
    look();
    if (wanted == Child.Order.STOP && !spec.grace().isZero()) {
      // The process's own destroy() would close its streams, and lose its last words.
      process.toHandle().destroy();
      descendants.forEach(ProcessHandle::destroy);
      var _ = clock.schedule(this::kill, spec.grace().toNanos(), TimeUnit.NANOSECONDS);
    } else {
      process.toHandle().destroyForcibly();
      descendants.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Null when it was stopped before. */
  private synchronized @Nullable Process start() throws IOException {
    if (order != Child.Order.NONE) {
      return null;
    }
    Process started = builder().start();
    process = started;
    try {
      listener.onStarted(started.pid());
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), spec.mark())
          .setCause(e)
          .log("the listener failed in onStarted; killed");
      kill();
    }
    var output = new PortableOutput(this, StdStream.STDOUT, started.getInputStream());
    var errors = new PortableOutput(this, StdStream.STDERR, started.getErrorStream());
    stdout = output;
    stderr = errors;
    threads.execute(output);
    threads.execute(errors);
    return started;
  }

  private ProcessBuilder builder() {
    List<String> command = new ArrayList<>(spec.argv());
    command.set(0, spec.executable().toString());
    ProcessBuilder builder = new ProcessBuilder(command).directory(spec.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(spec.environment());
    builder.environment().put(Mark.VARIABLE, spec.mark());
    if (spec.stdin() instanceof StdinSource.File(var path)) {
      builder.redirectInput(path.toFile());
    }
    return builder;
  }

  private void feed(Process started) {
    switch (spec.stdin()) {
      case StdinSource.Empty() -> write(started.getOutputStream(), new byte[0]);
      case StdinSource.Bytes(var bytes) ->
          threads.execute(() -> write(started.getOutputStream(), bytes));
      case StdinSource.Live(var input) ->
          threads.execute(() -> write(started.getOutputStream(), input));
      case StdinSource.File _ -> {}
    }
  }

  /** A tool that does not want its input makes no mistake. */
  private static void write(OutputStream stdin, byte[] bytes) {
    try (stdin) {
      stdin.write(bytes);
    } catch (IOException e) {
      LOG.debug("input was not read to its end", e);
    }
  }

  private static void write(OutputStream stdin, LiveInput input) {
    try (stdin) {
      for (byte[] next = input.take(); next != null; next = input.take()) {
        stdin.write(next);
        stdin.flush();
      }
    } catch (IOException e) {
      LOG.debug("input was not read to its end", e);
    } catch (InterruptedException e) {
      LOG.debug("no more is written, the runner is closed", e);
    } finally {
      input.abandon();
    }
  }

  private int killDescendants() throws InterruptedException {
    List<ProcessHandle> alive = descendants.stream().filter(PortableProcess::isAlive).toList();
    alive.forEach(ProcessHandle::destroyForcibly);
    long sinceNanos = System.nanoTime();
    while (alive.stream().anyMatch(PortableProcess::isAlive)) {
      if (System.nanoTime() - sinceNanos > SWEEP_MAX_NANOS) {
        RunLog.of(LOG.atError(), spec.mark())
            .log("a descendant cannot be killed, it is left alone");
        break;
      }
      TimeUnit.MILLISECONDS.sleep(SWEEP_PAUSE_MILLIS);
    }
    return alive.size();
  }

  /** A zombie is nobody's concern here: only its parent can reap it. */
  private static boolean isAlive(ProcessHandle handle) {
    ProcFs.Stat stat = ProcFs.stat((int) handle.pid());
    return handle.isAlive() && (stat == null || !stat.zombie());
  }

  private void end(int code, int strays) throws InterruptedException {
    boolean stdoutCut = awaitEnd(stdout);
    boolean stderrCut = awaitEnd(stderr);
    whenOver.accept(this);
    Exit exit =
        code > SIGNAL_BASE && code <= SIGNAL_BASE + SIGNAL_MAX
            ? Signals.byNumber(code - SIGNAL_BASE)
            : new Exit.Code(code);
    synchronized (this) {
      try {
        listener.onEnded(new ProcessEnd(exit, null, strays, stdoutCut, stderrCut));
      } catch (RuntimeException e) {
        RunLog.of(LOG.atError(), spec.mark()).setCause(e).log("the listener failed in onEnded");
      }
    }
  }

  private boolean awaitEnd(@Nullable PortableOutput output) throws InterruptedException {
    return output != null && !output.awaitEnd(spec.drain());
  }

  private void fail(StartFailure failure) {
    whenOver.accept(this);
    try {
      listener.onStartFailed(failure);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), spec.mark()).setCause(e).log("the listener failed in onStartFailed");
    }
  }

  private StartFailure failure(IOException e) {
    if (spec.stdin() instanceof StdinSource.File(var path) && !Files.isRegularFile(path)) {
      return StartFailures.noStdin(spec, path);
    }
    if (!Files.isDirectory(spec.directory())) {
      return StartFailures.of(spec, Errno.ENOENT);
    }
    Matcher errno = ERRNO.matcher(String.valueOf(e.getMessage()));
    return StartFailures.of(spec, errno.find() ? Integer.parseInt(errno.group(1)) : 0);
  }
}
