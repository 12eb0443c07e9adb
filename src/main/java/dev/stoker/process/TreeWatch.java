package dev.stoker.process;

import dev.stoker.process.ProcessLimits.Watch;
import dev.stoker.run.Outcome;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the trees that have limits ten times a second, and at once when processes multiply; has
 * the loop kill one that has more than it may. A thread of its own: where all processes of the
 * machine have to be looked at, it takes longer than anyone's output should wait.
 */
final class TreeWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(TreeWatch.class);
  private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long GLANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** The kernel's least: whoever may run for so long only is let run first. */
  private static final long SLICE_NANOS = 100_000;

  /** Of those that came last, how many are looked at, and how many make a tree one that grows. */
  private static final int NEWEST = 64;

  private static final int GROWS = 8;

  private final Children children;
  private final EventLoop loop;
  private final Libc libc = new Libc(Arena.ofAuto());
  private final UnnamedFiles unnamed = new UnnamedFiles();
  private final Object lock = new Object();

  // Under the lock.
  private int watched;
  private boolean ended;

  /** Own thread: those that the last look found to have too much. */
  private final Set<ProcessTree> exceeding = new HashSet<>();

  /** Own thread: whether a fork bomb may be going off. */
  private boolean suspicious;

  TreeWatch(Children children, EventLoop loop) {
    this.children = children;
    this.loop = loop;
  }

  /** A tree to be looked at is about to start. */
  void add() {
    synchronized (lock) {
      watched++;
      lock.notifyAll();
    }
  }

  /** One is over. */
  void remove() {
    synchronized (lock) {
      watched--;
    }
  }

  /** See {@link RunningProcess#unnamedBytes()}. By any thread. */
  long unnamedBytes(ProcessTree tree) {
    return tree.ownsPid() ? unnamed.bytes(tree) : 0;
  }

  /** See {@link RunningProcess#memoryBytes()}. By any thread. */
  long memoryBytes(ProcessTree tree) {
    return tree.ownsPid() ? TreeCensus.take().memoryBytes(tree) : 0;
  }

  /** Ends the thread, soon. */
  void end() {
    synchronized (lock) {
      ended = true;
      lock.notifyAll();
    }
  }

  @Override
  public void run() {
    int refused = libc.askForSlices(SLICE_NANOS);
    if (refused < 0) {
      LOG.info("the watch of processes waits for its turn like all others: error {}", -refused);
    }
    while (awaitWork()) {
      try {
        if (suspicious) {
          lookAtStanding();
        } else {
          look();
        }
      } catch (RuntimeException e) {
        LOG.error("the watch of processes met a defect", e);
      }
      pause();
    }
  }

  /**
   * Until the next look; that is soon where so many processes have come to the machine that they
   * may be a fork bomb's. One number tells how many there are, whoever's they are.
   */
  private void pause() {
    suspicious = false;
    long sinceNanos = System.nanoTime();
    int before = ProcFs.tasks();
    while (!suspicious && System.nanoTime() - sinceNanos < BEAT_NANOS) {
      LockSupport.parkNanos(GLANCE_NANOS);
      int least = tasksLeast();
      suspicious = least > 0 && ProcFs.tasks() - before > least / 2;
    }
  }

  /**
   * The least that a tree may have of processes and threads, those about to start included; 0 for
   * any number.
   */
  private int tasksLeast() {
    int least = 0;
    for (Child child : children.of(loop)) {
      Watch watch = child.spec().limits().watch();
      if (watch != null && watch.tasks() > 0) {
        least = least == 0 ? watch.tasks() : Math.min(least, watch.tasks());
      }
    }
    return least;
  }

  /**
   * Looks while what grows stands still: a look takes the longer the more processes there are, and
   * this thread is one among all that would run, so that a bomb would grow faster than it is
   * counted. Stopping a group is one call, and none of it slips through by a fork. Whose the newest
   * numbers are tells who grows; others are not disturbed.
   */
  private void lookAtStanding() {
    Map<Integer, Integer> newest = newest();
    List<ProcessTree> stopped = new ArrayList<>();
    for (Child child : children.of(loop)) {
      ProcessTree tree = child.tree();
      Watch watch = child.spec().limits().watch();
      if (tree != null
          && watch != null
          && watch.tasks() > 0
          && newest.getOrDefault(tree.group(), 0) > Math.min(GROWS, watch.tasks() / 2)
          && tree.signal(libc, Libc.SIGSTOP)) {
        stopped.add(tree);
      }
    }
    try {
      look();
    } finally {
      // Those that are to be killed die all the same: KILL does not wait.
      for (ProcessTree tree : stopped) {
        if (!exceeding.contains(tree)) {
          tree.signal(libc, Libc.SIGCONT);
        }
      }
    }
  }

  /** How many of those that came last and live are in which group. Threads have numbers, too. */
  private static Map<Integer, Integer> newest() {
    Map<Integer, Integer> count = new HashMap<>();
    int last = ProcFs.load().newest();
    for (int pid = last; pid > Math.max(0, last - NEWEST); pid--) {
      ProcFs.Stat stat = ProcFs.stat(pid);
      if (stat != null && !stat.zombie()) {
        count.merge(stat.group(), 1, Integer::sum);
      }
    }
    return count;
  }

  private boolean awaitWork() {
    synchronized (lock) {
      while (watched == 0 && !ended) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          LOG.error("the watch of processes was interrupted, which nobody may do; it ends", e);
          return false;
        }
      }
      return !ended;
    }
  }

  private void look() {
    TreeCensus census = null;
    exceeding.clear();
    for (Child child : children.of(loop)) {
      ProcessTree tree = child.tree();
      ProcessLimits limits = child.spec().limits();
      if (tree == null || !limits.needsLooks() || !tree.ownsPid()) {
        continue;
      }
      Outcome verdict = limits.gate() == null ? null : limits.gate().judge();
      if (verdict == null && limits.watch() != null) {
        census = census == null ? TreeCensus.take() : census;
        verdict = census.judge(tree, limits.watch());
      }
      if (verdict != null) {
        Outcome exceeded = verdict;
        exceeding.add(tree);
        // The loop, which kills it, has to get its turn.
        tree.signal(libc, Libc.SIGSTOP);
        loop.post(() -> tree.exceeded(exceeded));
      }
    }
  }
}
