package dev.stoker.process;

import dev.stoker.process.RestrictedThread.Opened;
import dev.stoker.run.RunLog;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one process after the other. {@code posix_spawn} holds its thread until the child has
 * exec'ed, so there are several of these; each must live as long as its children, because the
 * kernel counts them as the thread's.
 */
final class SpawnThread implements Runnable {
  /**
   * What all of the user's may become more than the machine has now, other slots' trees among it.
   */
  private static final long MORE_TASKS_MIN = 512;

  private static final long MORE_TREES = 4;

  private static final Logger LOG = LoggerFactory.getLogger(SpawnThread.class);
  private static final int STDIN_BUFFER_BYTES = 64 << 10;

  private final BlockingQueue<Task> tasks;
  private final RestrictedThreads restricted;
  private final Libc libc;
  private final PosixSpawn spawn;
  private final ArgumentBlock block;
  private final Descriptors descriptors;
  private final MemorySegment stdinBuffer;
  private final MemorySegment lineBreak;

  /** What such a thread takes from its queue. */
  sealed interface Task {
    /** A process to start. */
    record Start(Child child) implements Task {}

    /** The thread that takes this ends. */
    record End() implements Task {}
  }

  SpawnThread(BlockingQueue<Task> tasks, RestrictedThreads restricted) {
    this.tasks = tasks;
    this.restricted = restricted;
    Arena arena = Arena.ofAuto();
    libc = new Libc(arena);
    spawn = new PosixSpawn(arena);
    block = new ArgumentBlock(arena);
    descriptors = new Descriptors(libc, new MemoryFiles(libc, arena));
    stdinBuffer = arena.allocate(STDIN_BUFFER_BYTES);
    lineBreak = arena.allocateFrom("\n");
  }

  @Override
  public void run() {
    try {
      while (tasks.take() instanceof Task.Start(var child)) {
        startGuarded(child);
      }
    } catch (InterruptedException e) {
      LOG.error("a spawning thread was interrupted, which nobody may do; it ends", e);
    }
  }

  private void startGuarded(Child child) {
    try {
      if (child.beginSpawning()) {
        start(child);
      } else {
        child.startFailed(StartFailures.stopped(child.spec()));
      }
    } catch (RuntimeException e) {
      RunLog.of(LOG.atError(), child.spec().mark()).setCause(e).log("the start met a defect");
      descriptors.closeAll();
      child.startFailed(new StartFailure(0, "cannot start: internal error"));
    }
  }

  private void start(Child child) {
    ProcessSpec spec = child.spec();
    // Opening a FIFO would hold this thread for as long as nobody writes to it.
    if (spec.stdin() instanceof StdinSource.File(var path) && !Files.isRegularFile(path)) {
      child.startFailed(StartFailures.noStdin(spec, path));
      return;
    }
    ProcessLimits limits = spec.limits();
    int refusal = limits.needsGate() ? GateShell.refusal(spec) : 0;
    if (refusal != 0) {
      child.startFailed(StartFailures.of(spec, refusal));
      return;
    }
    String unprepared = limits.gate() == null ? null : prepare(limits.gate());
    if (unprepared != null) {
      child.startFailed(StartFailures.notHeld(spec, unprepared));
      return;
    }
    int error = block.hold(spec) ? open(spec) : -Errno.E2BIG;
    if (error < 0) {
      child.startFailed(StartFailures.of(spec, -error));
      return;
    }
    Opened opened = place(spec);
    if (opened.failure() != null) {
      RunLog.of(LOG.atError(), spec.mark()).log("{}", opened.failure());
      descriptors.closeAll();
      child.startFailed(StartFailures.notConfined(spec));
      return;
    }
    InputPipe stdin = feed(spec.stdin());
    RestrictedThread place = opened.thread();
    int pid = spawn(place);
    int pidfd = pid < 0 ? pid : libc.pidfdOpen(pid);
    if (pidfd < 0) {
      abandon(pid, place, stdin);
      child.startFailed(StartFailures.of(spec, -pidfd));
      return;
    }
    descriptors.closeChildEnds();
    bound(pid, limits.watch());
    String refused = limits.needsGate() ? admit(pid, limits) : null;
    if (refused != null) {
      libc.close(pidfd);
      abandon(pid, place, stdin);
      child.startFailed(StartFailures.notHeld(spec, refused));
      return;
    }
    ProcessTree.Root root = new ProcessTree.Root(pid, pidfd, place);
    ProcessTree tree = descriptors.handOver(child, root, stdin);
    child.born(tree);
    tree.watch(libc);
  }

  /** What a confined child may not open itself is opened for it. */
  private int open(ProcessSpec spec) {
    int error = descriptors.open(spec);
    if (error == 0 && spec.confinement() != null && descriptors.stdin() < 0) {
      error = descriptors.openStdin(block.stdin());
      if (error < 0) {
        descriptors.closeAll();
      }
    }
    return error;
  }

  /** Where it is to be started; nowhere else than here when it is not confined. */
  private Opened place(ProcessSpec spec) {
    Confinement confinement = spec.confinement();
    return confinement == null ? new Opened(null, null) : restricted.take(confinement);
  }

  private int spawn(@Nullable RestrictedThread place) {
    int stdin = descriptors.stdin();
    int stdout = descriptors.stdout();
    int stderr = descriptors.stderr();
    int[] inherited = descriptors.inherited();
    if (place == null) {
      return spawn.start(block, stdin, stdout, stderr, inherited);
    }
    try {
      return place.spawn(block, stdin, stdout, stderr, inherited);
    } catch (IllegalStateException e) {
      place.giveBack(false);
      throw e;
    }
  }

  /** Most input fits into the pipe before anybody reads it; the loop writes the rest. */
  private @Nullable InputPipe feed(StdinSource source) {
    if (source instanceof StdinSource.Live(var input)) {
      return descriptors.takeStdin(input);
    }
    if (!(source instanceof StdinSource.Bytes(var bytes))) {
      return null;
    }
    InputPipe pipe = descriptors.takeStdin(bytes);
    pipe.write(libc, stdinBuffer);
    return pipe;
  }

  private static @Nullable String prepare(ProcessLimits.Gate gate) {
    try {
      gate.prepare();
      return null;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /**
   * Whoever multiplies faster than it is looked at is to end somewhere. The kernel counts all that
   * the user has, in other containers too, where it cannot be counted by us: but it is not more
   * than the machine has. Root's are not counted. A process that is gone already needs no bound.
   */
  private void bound(int pid, ProcessLimits.@Nullable Watch watch) {
    if (watch != null && watch.tasks() > 0) {
      long more = Math.max(MORE_TASKS_MIN, MORE_TREES * watch.tasks());
      libc.limit(pid, Libc.RLIMIT_NPROC, ProcFs.tasks() + more);
    }
  }

  /** Sets what cannot be inherited, and lets it go on. Null, or why it may not. */
  private @Nullable String admit(int pid, ProcessLimits limits) {
    int error = 0;
    if (limits.openFiles() != null) {
      error = libc.limit(pid, Libc.RLIMIT_NOFILE, limits.openFiles());
    }
    if (error == 0 && limits.fileBytes() != null) {
      error = libc.limit(pid, Libc.RLIMIT_FSIZE, limits.fileBytes());
    }
    if (error < 0) {
      return "prlimit: error " + -error;
    }
    try {
      if (limits.gate() != null && limits.gate().waits()) {
        limits.gate().admit(pid);
      }
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
    return descriptors.openGate(lineBreak) == 1 ? null : "it ended too early";
  }

  private void abandon(int pid, @Nullable RestrictedThread place, @Nullable InputPipe stdin) {
    if (pid > 0) {
      libc.kill(-new ProcessTree.Root(pid, -1, place).group(), Libc.SIGKILL);
      libc.reapWhenDead(pid);
    }
    if (place != null) {
      // One that was started may have left children: nobody has swept them up.
      place.giveBack(pid < 0);
    }
    if (stdin != null) {
      stdin.close(libc);
    }
    descriptors.closeAll();
  }
}
