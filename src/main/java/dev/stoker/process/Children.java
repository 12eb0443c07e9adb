package dev.stoker.process;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The processes that have been asked for and are not over. Thread-safe.
 *
 * <p>The map is one for the whole JVM because the kernel's list of orphans is, too: a runner that
 * finds one must know the runs of every runner, or it would kill a neighbour's.
 */
final class Children {
  private static final Map<Long, Child> EVERYONE = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_ID = new AtomicLong();

  private final AtomicInteger active = new AtomicInteger();

  /** Never given twice in the life of a JVM, so that a late event cannot reach the wrong child. */
  static long nextId() {
    return LAST_ID.incrementAndGet();
  }

  static @Nullable Child find(long id) {
    return EVERYONE.get(id);
  }

  /** Those of every runner; weakly consistent. */
  static Collection<Child> everyone() {
    return EVERYONE.values();
  }

  /** Whether it is the main process of somebody's tree. */
  static boolean isMainProcess(int pid) {
    return everyone().stream()
        .map(Child::tree)
        .anyMatch(tree -> tree != null && tree.ownsPid() && tree.pid() == pid);
  }

  void add(Child child) {
    active.incrementAndGet();
    EVERYONE.put(child.id(), child);
    child.watched();
  }

  void remove(Child child) {
    if (EVERYONE.remove(child.id()) != null) {
      active.decrementAndGet();
      child.unwatched();
    }
  }

  int active() {
    return active.get();
  }

  List<Child> of(EventLoop loop) {
    return EVERYONE.values().stream().filter(child -> child.loop() == loop).toList();
  }
}
