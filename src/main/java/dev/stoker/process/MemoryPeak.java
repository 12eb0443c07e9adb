package dev.stoker.process;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The largest resident set of any process of one tree. Confined to the loop's thread.
 *
 * <p>The kernel counts the memory a process had before its exec, too, which is all of this JVM's: a
 * spawned child shares it until then. So {@code wait4}'s figure tells something only when it is
 * beyond the JVM's own peak. Up to there the tree is looked at while it lives, first soon, then
 * ever less often; one that was over before the first look has no figure.
 */
final class MemoryPeak {
  private static final long PAUSE_MAX_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final long bornNanos = System.nanoTime();
  private long nextNanos = bornNanos;
  private long bytes;

  /** Looks at the tree, if it is time to. */
  void sample(int pid, long nowNanos) {
    if (nowNanos - nextNanos < 0) {
      return;
    }
    nextNanos = nowNanos + Math.min(PAUSE_MAX_NANOS, nowNanos - bornNanos);
    List<Integer> tree = new ArrayList<>(List.of(pid));
    for (int i = 0; i < tree.size(); i++) {
      bytes = Math.max(bytes, ProcFs.residentPeakBytes(tree.get(i)));
      tree.addAll(ProcFs.children(tree.get(i)));
    }
  }

  /** The peak in bytes, 0 when it is not known, given what {@code wait4} told. */
  long bytes(long waitedBytes, OwnMemory own) {
    return own.isExceededBy(waitedBytes) ? Math.max(waitedBytes, bytes) : bytes;
  }
}
