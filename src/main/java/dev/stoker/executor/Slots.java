package dev.stoker.executor;

import dev.stoker.run.RunId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The rights to run one command on this node, as tokens that know their holder. Not thread-safe:
 * confined to the executor's context.
 *
 * <p>Invariant: {@code used} is the sum of {@code usedByTool}, and at most {@code capacity}.
 */
final class Slots {
  private final int capacity;
  private final Map<String, Integer> usedByTool = new HashMap<>();
  private int used;

  Slots(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a node has at least one slot, not " + capacity);
    }
    this.capacity = capacity;
  }

  /** A slot for a tool that may have {@code toolMax} of them; none when they are all taken. */
  Optional<Slot> acquire(String tool, int toolMax, RunId holder) {
    int ofTool = usedByTool.getOrDefault(tool, 0);
    if (used >= capacity || ofTool >= toolMax) {
      return Optional.empty();
    }
    used++;
    usedByTool.put(tool, ofTool + 1);
    return Optional.of(new Slot(tool, holder));
  }

  int used() {
    return used;
  }

  /** Slots in use of each tool that has any; a view. */
  Map<String, Integer> usedByTool() {
    return usedByTool;
  }

  int capacity() {
    return capacity;
  }

  /** One right, given back once. */
  final class Slot {
    private final String tool;
    private final RunId holder;
    private boolean released;

    private Slot(String tool, RunId holder) {
      this.tool = tool;
      this.holder = holder;
    }

    RunId holder() {
      return holder;
    }

    /**
     * Gives it back.
     *
     * @throws IllegalStateException the second time
     */
    void release() {
      if (released) {
        throw new IllegalStateException(
            "the slot of run " + holder + " for " + tool + " was released twice");
      }
      released = true;
      used--;
      usedByTool.merge(tool, -1, Integer::sum);
      usedByTool.remove(tool, 0);
    }
  }
}
