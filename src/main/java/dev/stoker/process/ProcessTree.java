package dev.stoker.process;

import dev.stoker.process.ProcessListener.Flow;
import dev.stoker.run.Exit;
import dev.stoker.run.Outcome;
import dev.stoker.run.RunLog;
import dev.stoker.run.Signals;
import dev.stoker.run.StdStream;
import dev.stoker.run.Usage;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process that was started and all that came of it, until the last descendant is reaped.
 *
 * <pre>
 *   RUNNING   (stop: TERM, grace, KILL; kill: KILL)
 *     │ the main process is a zombie
 *   SWEEPING  (its group and its strays are killed, until there are none)
 *     │ the tree is dead and reaped
 *   DRAINING  (what the pipes still hold is delivered)
 *     │ both streams have ended
 *   OVER ────▶ onEnded
 * </pre>
 *
 * Confined to the loop's thread, but for the final fields, {@link #ownsPid}, {@link #signal} and
 * {@link #watch}. The main process stays a zombie until its tree is dead: that pins its number,
 * which is the number of its group and its session, too, so that nobody else's can be hit. Where
 * the group is a restricted thread's, that thread is this tree's until the tree is dead.
 */
final class ProcessTree {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessTree.class);
  private static final long SWEEP_MAX_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SWEEP_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long TERM_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long SWEEP_PAUSE_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

  private static final int KEY_BITS = 3;
  private static final int STDOUT = 0;
  private static final int STDERR = 1;
  private static final int STDIN = 2;
  private static final int EXIT = 3;
  private static final int INIT = 4;

  private enum Phase {
    RUNNING,
    SWEEPING,
    DRAINING,
    OVER
  }

  private final Child child;
  private final EventLoop loop;
  private final Root root;
  private final OutputPipe stdout;
  private final OutputPipe stderr;
  private final @Nullable InputPipe stdin;
  private final @Nullable Enclosure enclosure;
  private final Object ownership = new Object();

  /** Left for DRAINING under {@code ownership}. Written by the loop's thread only. */
  private volatile Phase phase = Phase.RUNNING;

  private Child.Order obeyed = Child.Order.NONE;
  private Timers.@Nullable Timer grace;
  private final Set<Integer> killedStrays = new HashSet<>();
  private boolean outlived;
  private long sweepSinceNanos;
  private long sweepPauseNanos = SWEEP_PAUSE_NANOS;
  private final MemoryPeak memory = new MemoryPeak();
  private @Nullable WaitResult result;
  private @Nullable Outcome verdict;

  /**
   * Where the tree comes from.
   *
   * @param pid of the main process
   * @param place the restricted thread that started it; null when none did
   */
  record Root(int pid, int pidfd, @Nullable RestrictedThread place) {
    /** The group that the main process was put into. */
    int group() {
      return place == null || place.group() == 0 ? pid : place.group();
    }
  }

  /** Owns every descriptor it is given, and the process. */
  ProcessTree(
      Child child,
      Root root,
      int stdout,
      int stderr,
      @Nullable InputPipe stdin,
      @Nullable Enclosure enclosure) {
    this.child = child;
    this.loop = child.loop();
    this.root = root;
    this.stdout = new OutputPipe(this, StdStream.STDOUT, stdout);
    this.stderr = new OutputPipe(this, StdStream.STDERR, stderr);
    this.stdin = stdin;
    this.enclosure = enclosure;
  }

  /** Whose event this is. */
  static long idOf(long key) {
    return key >>> KEY_BITS;
  }

  int pid() {
    return root.pid();
  }

  /** The group that its processes are in unless they have left it. */
  int group() {
    return root.group();
  }

  /** Whether a process is in the tree's group, or in the session that the main process leads. */
  boolean holds(ProcFs.Stat stat) {
    return ownsPid() && (root.group() == stat.group() || root.pid() == stat.session());
  }

  Child child() {
    return child;
  }

  EventLoop loop() {
    return loop;
  }

  /** Whether its number is still its own: the main process is not reaped yet. */
  boolean ownsPid() {
    return phase == Phase.RUNNING || phase == Phase.SWEEPING;
  }

  /**
   * Signals its group, if that is still its own: another run's, that was given the group since, is
   * never hit. By any thread; the loop waits meanwhile to give the group away.
   *
   * @return whether it was sent
   */
  boolean signal(Libc callers, int signal) {
    synchronized (ownership) {
      return ownsPid() && callers.kill(-root.group(), signal) == 0;
    }
  }

  /** Whether this is a process that it reaps itself. */
  boolean reaps(int other) {
    return ownsPid() && (other == pid() || (enclosure != null && other == enclosure.init()));
  }

  /** The descriptors of this JVM that its tree holds the other ends of. */
  Stream<Integer> descriptors() {
    return Stream.of(stdout, stderr).filter(pipe -> !pipe.ended()).map(OutputPipe::fd);
  }

  /**
   * Has the loop look at it. By the spawning thread, which must leave it alone afterwards: its end
   * may come at once. The exit comes last, so that nothing is closed before it has been watched.
   */
  void watch(Libc callers) {
    int failed = watch(callers, stdout.fd(), EpollEvents.IN, STDOUT);
    failed |= watch(callers, stderr.fd(), EpollEvents.IN, STDERR);
    if (stdin != null && stdin.open()) {
      stdin.onMore(() -> loop.post(this::feed));
      failed |= watch(callers, stdin.fd(), EpollEvents.OUT, STDIN);
    }
    if (failed < 0) {
      RunLog.of(LOG.atError(), child.spec().mark())
          .log("its output cannot be watched, it is killed");
      callers.kill(-root.group(), Libc.SIGKILL);
    }
    if (watch(callers, root.pidfd(), EpollEvents.IN, EXIT) < 0) {
      RunLog.of(LOG.atError(), child.spec().mark()).log("its exit cannot be watched, it is killed");
      callers.kill(-root.group(), Libc.SIGKILL);
      callers.awaitZombie(root.pid());
      loop.post(this::exited);
    }
  }

  /** Something has happened to one of its descriptors. */
  void onReady(long key) {
    switch ((int) key & ((1 << KEY_BITS) - 1)) {
      case STDOUT -> stdout.read();
      case STDERR -> stderr.read();
      case STDIN -> feed();
      case INIT -> initDied();
      default -> exited();
    }
  }

  void resume(StdStream stream) {
    (stream == StdStream.STDOUT ? stdout : stderr).resume();
  }

  /** Ends it; nothing is left to do when the main process has gone already. */
  void obey(Child.Order order) {
    if (phase != Phase.RUNNING || obeyed.compareTo(order) >= 0) {
      return;
    }
    obeyed = order;
    if (order == Child.Order.STOP && !child.spec().grace().isZero()) {
      terminate();
      grace = loop.schedule(child.spec().grace().toNanos(), this::killAll);
    } else {
      killAll();
    }
  }

  /** It had more than it may: it is killed, and its outcome is this one. */
  void exceeded(Outcome judged) {
    if (phase == Phase.RUNNING && verdict == null) {
      verdict = judged;
      killAll();
    }
  }

  void sampleMemory(long nowNanos) {
    if (phase == Phase.RUNNING) {
      memory.sample(root.pid(), nowNanos);
    }
  }

  /** Passes output on. A listener that fails has its process killed and hears the rest. */
  Flow deliver(StdStream stream, ByteBuffer chunk) {
    try {
      return child.listener().onOutput(stream, chunk);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), child.spec().mark())
          .setCause(e)
          .log("the listener failed in onOutput; killed");
      child.kill();
      return Flow.CONTINUE;
    }
  }

  void onStreamEnded() {
    if (phase == Phase.DRAINING && stdout.ended() && stderr.ended()) {
      finish();
    }
  }

  private int watch(Libc callers, int fd, int interest, int what) {
    return loop.watch(callers, fd, interest, child.id() << KEY_BITS | what);
  }

  private void feed() {
    if (stdin != null) {
      stdin.write(loop.libc(), loop.buffer());
    }
  }

  private void killAll() {
    if (phase == Phase.RUNNING) {
      killGated();
      signalGroup(Libc.SIGKILL);
    }
  }

  private void killGated() {
    ProcessLimits.Gate gate = child.spec().limits().gate();
    if (gate != null) {
      gate.kill();
    }
  }

  private void signalGroup(int signal) {
    int sent = phase == Phase.RUNNING ? loop.libc().kill(-root.group(), signal) : 0;
    if (sent < 0 && sent != -Errno.ESRCH) {
      RunLog.of(LOG.atWarn(), child.spec().mark())
          .log("signal {} was refused: errno {}", signal, -sent);
    }
  }

  private void terminate() {
    if (enclosure == null) {
      signalGroup(Libc.SIGTERM);
      // A stopped process hears of TERM only when it goes on.
      signalGroup(Libc.SIGCONT);
    } else if (phase == Phase.RUNNING && !enclosure.terminate()) {
      loop.schedule(TERM_PAUSE_NANOS, this::terminate);
    }
  }

  private void exited() {
    if (phase != Phase.RUNNING) {
      return;
    }
    phase = Phase.SWEEPING;
    if (grace != null) {
      grace.cancel();
    }
    if (stdin != null) {
      stdin.close(loop.libc());
    }
    killGated();
    sweepSinceNanos = System.nanoTime();
    int initFd = enclosure == null ? -1 : enclosure.openInit();
    if (initFd >= 0) {
      watch(loop.libc(), initFd, EpollEvents.IN, INIT);
    }
    sweep();
  }

  /** Of the sandbox that is this tree; everything in it has died before. */
  private void initDied() {
    if (phase == Phase.SWEEPING) {
      sweep();
    }
  }

  /** The run is over when its main process is: nothing it has left behind may live on. */
  private void sweep() {
    if (phase != Phase.SWEEPING) {
      return;
    }
    if (enclosure != null && !enclosure.sweep()) {
      sweepAgain();
      return;
    }
    if (loop.strays().none()) {
      // Whoever is left of the tree has an ancestor that was orphaned, and there are no orphans.
      treeDied();
      return;
    }
    boolean found = loop.strays().killAllOf(child, killedStrays);
    // Afterwards, so that those are counted, too; the kernel lets no fork slip through this one.
    loop.libc().kill(-root.group(), Libc.SIGKILL);
    if (found) {
      sweepAgain();
    } else {
      treeDied();
    }
  }

  private void sweepAgain() {
    if (System.nanoTime() - sweepSinceNanos > SWEEP_MAX_NANOS) {
      RunLog.of(LOG.atError(), child.spec().mark())
          .log("a descendant cannot be killed, it is left alone");
      outlived = true;
      treeDied();
    } else {
      loop.schedule(sweepPauseNanos, this::sweep);
      sweepPauseNanos = Math.min(SWEEP_PAUSE_MAX_NANOS, sweepPauseNanos * 2);
    }
  }

  private void treeDied() {
    // As long as it is a zombie its name can be told.
    String name = child.spec().limits().needsGate() ? ProcFs.name(root.pid()) : "";
    int reaped;
    synchronized (ownership) {
      reaped = loop.libc().reap(root.pid());
      phase = Phase.DRAINING;
    }
    if (reaped == root.pid()) {
      result = loop.libc().reaped();
      judgeGated(result, name);
    } else {
      RunLog.of(LOG.atError(), child.spec().mark())
          .log("process {} was reaped by someone else", root.pid());
    }
    loop.libc().close(root.pidfd());
    if (root.place() != null) {
      root.place().giveBack(!outlived);
    }
    long drainNanos = child.spec().drain().toNanos();
    stdout.treeDied(drainNanos);
    stderr.treeDied(drainNanos);
    onStreamEnded();
  }

  /** The program that a shell was to become did not run: that is no end of the tool's. */
  private void judgeGated(WaitResult how, String name) {
    if (verdict == null && how.exit() instanceof Exit.Code(int code)) {
      int errno = GateShell.failure(child.spec(), code, name);
      if (errno != 0) {
        verdict = new Outcome.SandboxFailed(StartFailures.of(child.spec(), errno).reason());
      }
    }
  }

  private void finish() {
    phase = Phase.OVER;
    loop.children().remove(child);
    // Reaped by someone else means that its own exit is lost: the worst is assumed.
    Exit exit = result == null ? Signals.byNumber(Libc.SIGKILL) : result.exit();
    Usage usage = result == null ? null : usage(result.usage());
    ProcessEnd end =
        new ProcessEnd(exit, usage, killedStrays.size(), stdout.cut(), stderr.cut(), verdict);
    if (enclosure != null) {
      end = inside(enclosure, end);
      enclosure.close();
    }
    try {
      child.listener().onEnded(end);
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), child.spec().mark())
          .setCause(e)
          .log("the listener failed in onEnded");
    }
  }

  /** The end of what ran inside, given bubblewrap's own. */
  private ProcessEnd inside(Enclosure sandbox, ProcessEnd own) {
    return new ProcessEnd(
        sandbox.exit(own.exit()),
        own.usage(),
        own.strays(),
        own.stdoutCut(),
        own.stderrCut(),
        // Whoever stops it before it has begun gets what was asked for.
        own.verdict() == null && obeyed == Child.Order.NONE
            ? sandbox.failure(own.exit())
            : own.verdict());
  }

  private Usage usage(Usage waited) {
    if (enclosure != null && enclosure.counted()) {
      return enclosure.usage(waited);
    }
    return new Usage(waited.cpuMillis(), memory.bytes(waited.memoryPeakBytes(), loop.ownMemory()));
  }
}
