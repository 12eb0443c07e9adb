package dev.stoker.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds, kills and reaps descendants that have outlived their parents. Confined to the loop's
 * thread.
 *
 * <p>The kernel gives an orphan to the nearest subreaper above it, which is this JVM, and there to
 * the first thread that lives: the one the JVM was started on, which starts no processes. Its list
 * of children is the list of orphans, so that one read tells whether there are any.
 */
final class StrayFinder {
  private static final int LIST_BYTES = 16 << 10;

  private final Libc libc;
  private final int orphansFd;
  private final MemorySegment list = Arena.ofAuto().allocate(LIST_BYTES);

  /**
   * Whose the orphans are that were let live. An orphan's number is its own until it is reaped
   * here, so this cannot be mistaken.
   */
  private final Map<Integer, Child> spared = new HashMap<>();

  StrayFinder(Libc libc, int orphansFd) {
    this.libc = libc;
    this.orphansFd = orphansFd;
  }

  /** Opens the kernel's list of this JVM's orphans; negative when it keeps none. */
  static int openOrphans(Libc libc) {
    int pid = libc.getpid();
    try (Arena arena = Arena.ofConfined()) {
      return libc.open(arena.allocateFrom("/proc/self/task/" + pid + "/children"));
    }
  }

  void close() {
    libc.close(orphansFd);
  }

  /** Whether there is no orphan at all, dead or alive: one system call. */
  boolean none() {
    return libc.readAt(orphansFd, list, 0) == 0;
  }

  /** Reaps the orphans that have died by themselves. */
  void reapZombies() {
    if (none()) {
      return;
    }
    for (int pid : orphans()) {
      ProcFs.Stat stat = ProcFs.stat(pid);
      if (stat != null && stat.zombie()) {
        reap(pid);
      }
    }
  }

  /**
   * Kills every stray of {@code child}, of nobody known, and all that descend from those; reaps the
   * dead.
   *
   * @param killed the numbers of those killed are added to it
   * @return whether there was one, dead or alive: then it is worth looking again
   */
  boolean killAllOf(Child child, Set<Integer> killed) {
    List<Integer> doomed = new ArrayList<>();
    boolean found = false;
    for (int pid : orphans()) {
      ProcFs.Stat stat = isSpared(pid, child) ? null : ProcFs.stat(pid);
      if (stat == null) {
        continue;
      }
      if (stat.zombie()) {
        reap(pid);
        found = true;
      } else if (isStrayOf(child, pid, stat)) {
        // Stopped first, from the top down: a stopped process can neither fork nor reap.
        libc.kill(pid, Libc.SIGSTOP);
        doomed.add(pid);
      }
    }
    int orphans = doomed.size();
    addDescendants(doomed);
    killed.addAll(doomed);
    for (int i = doomed.size() - 1; i >= 0; i--) {
      if (i < orphans) {
        libc.kill(doomed.get(i), Libc.SIGKILL);
      } else {
        signalDescendant(doomed.get(i), doomed, Libc.SIGKILL);
      }
    }
    return found || !doomed.isEmpty();
  }

  /** The list grows while it is walked, so that the descendants' descendants are found, too. */
  private void addDescendants(List<Integer> doomed) {
    for (int i = 0; i < doomed.size(); i++) {
      for (int pid : ProcFs.children(doomed.get(i))) {
        if (!doomed.contains(pid) && signalDescendant(pid, doomed, Libc.SIGSTOP)) {
          doomed.add(pid);
        }
      }
    }
  }

  /** A number may change hands; the descriptor cannot, and it is asked whose child it is. */
  private boolean signalDescendant(int pid, List<Integer> doomed, int signal) {
    int pidfd = libc.pidfdOpen(pid);
    if (pidfd < 0) {
      return false;
    }
    ProcFs.Stat stat = ProcFs.stat(pid);
    boolean ours = stat != null && !stat.zombie() && doomed.contains(stat.parent());
    boolean sent = ours && libc.pidfdSignal(pidfd, signal) == 0;
    libc.close(pidfd);
    return sent;
  }

  /** Known to be a living neighbour's: no need to look at it again. */
  private boolean isSpared(int pid, Child asking) {
    Child owner = spared.get(pid);
    return owner != null && owner != asking && Children.find(owner.id()) != null;
  }

  private boolean isStrayOf(Child child, int pid, ProcFs.Stat stat) {
    if (isMainProcess(pid)) {
      return false;
    }
    Child owner = StrayOwner.of(pid, stat, child);
    if (owner == null || owner == child) {
      return true;
    }
    spared.put(pid, owner);
    return false;
  }

  /** One comes here when the thread that spawned it has ended, with its runner. */
  private static boolean isMainProcess(int pid) {
    return Children.everyone().stream()
        .map(Child::tree)
        .anyMatch(tree -> tree != null && tree.reaps(pid));
  }

  private void reap(int pid) {
    if (!isMainProcess(pid)) {
      libc.reap(pid);
      spared.remove(pid);
    }
  }

  private List<Integer> orphans() {
    StringBuilder text = new StringBuilder();
    long offset = 0;
    for (int bytes = libc.readAt(orphansFd, list, 0);
        bytes > 0;
        bytes = libc.readAt(orphansFd, list, offset)) {
      text.append(new String(list.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), US_ASCII));
      offset += bytes;
    }
    List<Integer> pids = new ArrayList<>();
    ProcFs.numbers(text.toString(), pids);
    return pids;
  }
}
