package dev.stoker.process;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Processes that a runner left behind when its JVM died. They are nobody's children here, so they
 * are known by their mark alone, and by the sessions and groups of those that have one. Where there
 * is no {@code /proc} none is found. Not thread-safe.
 */
final class Leftovers {
  private static final long WAIT_MAX_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long WAIT_MILLIS = 5;

  private final String markPrefix;
  private final int self = (int) ProcessHandle.current().pid();

  Leftovers(String markPrefix) {
    this.markPrefix = markPrefix;
  }

  /** Kills them until there are none, for at most five seconds; returns how many there were. */
  int kill() {
    Set<Integer> killed = new HashSet<>();
    long sinceNanos = System.nanoTime();
    for (Set<Integer> found = find(); !found.isEmpty(); found = find()) {
      found.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      killed.addAll(found);
      if (System.nanoTime() - sinceNanos > WAIT_MAX_NANOS || !pause()) {
        break;
      }
    }
    return killed.size();
  }

  private Set<Integer> find() {
    Set<Integer> marked = new HashSet<>();
    Set<Integer> sessions = new HashSet<>();
    for (int pid : ProcFs.processes()) {
      String mark = ProcFs.mark(pid);
      ProcFs.Stat stat = ProcFs.stat(pid);
      if (mark != null && mark.startsWith(markPrefix) && stat != null && isForeign(pid)) {
        marked.add(pid);
        // Who leads a session leads a group of the same number. The session of a confined one is
        // that of the JVM that started it, with who knows whom in it.
        sessions.add(stat.group());
      }
    }
    return marked.isEmpty() ? marked : withSessions(sessions);
  }

  private Set<Integer> withSessions(Set<Integer> sessions) {
    // The session that this JVM itself is in may be a tool's: when one starts a Stoker.
    ProcFs.Stat own = ProcFs.stat(self);
    if (own != null) {
      sessions.remove(own.session());
      sessions.remove(own.group());
    }
    return ProcFs.processes().stream()
        .filter(
            pid -> {
              ProcFs.Stat stat = ProcFs.stat(pid);
              return stat != null
                  && !stat.zombie()
                  && (sessions.contains(stat.session()) || sessions.contains(stat.group()))
                  && isForeign(pid);
            })
        .collect(Collectors.toSet());
  }

  /** Neither this JVM, nor above it, nor of its own making. */
  private boolean isForeign(int pid) {
    return !descends(pid, self) && !descends(self, pid);
  }

  private static boolean descends(int pid, int ancestor) {
    int at = pid;
    while (at > 1 && at != ancestor) {
      ProcFs.Stat stat = ProcFs.stat(at);
      if (stat == null) {
        return false;
      }
      at = stat.parent();
    }
    return at == ancestor;
  }

  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(WAIT_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
