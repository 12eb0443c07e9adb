package dev.stoker.process;

import dev.stoker.process.ProcFs.Vitals;
import dev.stoker.process.ProcessLimits.Watch;
import dev.stoker.run.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All processes at one moment, and what each tree has of them. Confined to who takes it. */
record TreeCensus(Map<Integer, Vitals> all, Map<Integer, List<Integer>> childrenOf) {
  private static final int SELF = (int) ProcessHandle.current().pid();
  private static final long PAGE_BYTES = 4096;

  static TreeCensus take() {
    Map<Integer, Vitals> all = new HashMap<>();
    Map<Integer, List<Integer>> childrenOf = new HashMap<>();
    for (int pid : ProcFs.processes()) {
      Vitals vitals = ProcFs.vitals(pid);
      if (vitals != null) {
        all.put(pid, vitals);
        childrenOf.computeIfAbsent(vitals.stat().parent(), p -> new ArrayList<>()).add(pid);
      }
    }
    return new TreeCensus(all, childrenOf);
  }

  /** What its outcome is because it has more than it may; null if it has not. */
  @Nullable Outcome judge(ProcessTree tree, Watch watch) {
    Set<Integer> members = members(tree);
    long tasks = 0;
    long pages = 0;
    for (int pid : members) {
      Vitals vitals = all.get(pid);
      if (vitals != null && !vitals.stat().zombie()) {
        tasks += vitals.threads();
        pages += vitals.residentPages();
      }
    }
    if (watch.tasks() > 0 && tasks > watch.tasks()) {
      return watch.onTasks();
    }
    // What they share is counted for each of them: only then is it worth a closer look.
    boolean suspicious = watch.memoryBytes() > 0 && pages * PAGE_BYTES > watch.memoryBytes();
    return suspicious && exceeds(members, watch.memoryBytes()) ? watch.onMemory() : null;
  }

  /** Twice: what is shared is counted double where someone forks between two readings. */
  private boolean exceeds(Set<Integer> members, long bytes) {
    long first = proportional(members);
    return first > bytes && proportional(members) > bytes;
  }

  private long proportional(Set<Integer> members) {
    long bytes = 0;
    for (int pid : members) {
      long share = ProcFs.proportionalBytes(pid);
      Vitals vitals = all.get(pid);
      bytes += share > 0 || vitals == null ? share : vitals.residentPages() * PAGE_BYTES;
    }
    return bytes;
  }

  /** What its processes have, their shares of what they share with others included. */
  long memoryBytes(ProcessTree tree) {
    return proportional(members(tree));
  }

  /** Its session and group, its strays, and all that descend from those. */
  Set<Integer> members(ProcessTree tree) {
    Deque<Integer> open = new ArrayDeque<>();
    open.add(tree.pid());
    all.forEach(
        (pid, vitals) -> {
          ProcFs.Stat stat = vitals.stat();
          if (tree.holds(stat) || (stat.parent() == SELF && isStray(pid, stat, tree))) {
            open.add(pid);
          }
        });
    Set<Integer> members = new HashSet<>();
    while (!open.isEmpty()) {
      int pid = open.remove();
      if (members.add(pid)) {
        open.addAll(childrenOf.getOrDefault(pid, List.of()));
      }
    }
    return members;
  }

  private static boolean isStray(int pid, ProcFs.Stat stat, ProcessTree tree) {
    return !Children.isMainProcess(pid) && StrayOwner.of(pid, stat, tree.child()) == tree.child();
  }
}
