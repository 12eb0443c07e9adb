package dev.stoker.dispatch;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Predicate;

/**
 * Who is next: principals take turns, so that one who asks for much delays only themselves; among
 * one principal's entries the more urgent go first, then the older. Not thread-safe.
 *
 * <p>An entry whose tool is not eligible is passed over and keeps its place; so does its
 * principal's turn. Nobody starves: a principal's turn comes after at most one entry of each other
 * principal.
 *
 * <p>Invariant: {@code size} is the sum of the lanes' sizes; no lane is empty.
 */
final class FairQueue<E> {
  private final Map<String, Lane<E>> lanes = new LinkedHashMap<>();
  private long sequence;
  private int size;

  /** Adds at the end of the principal's lane, within its urgency. */
  void add(E element, String principal, String tool, int urgency) {
    lanes
        .computeIfAbsent(principal, p -> new Lane<>())
        .add(tool, new Entry<>(element, urgency, sequence++));
    size++;
  }

  /** Takes the next entry whose tool is eligible. */
  Optional<E> poll(Predicate<String> eligible) {
    Iterator<Map.Entry<String, Lane<E>>> turns = lanes.entrySet().iterator();
    while (turns.hasNext()) {
      Map.Entry<String, Lane<E>> turn = turns.next();
      String principal = turn.getKey();
      Lane<E> lane = turn.getValue();
      Optional<E> taken = lane.poll(eligible);
      if (taken.isPresent()) {
        turns.remove();
        if (!lane.isEmpty()) {
          lanes.put(principal, lane);
        }
        size--;
        return taken;
      }
    }
    return Optional.empty();
  }

  /** Takes an entry out, wherever it stands. */
  boolean remove(E element, String principal, String tool) {
    Lane<E> lane = lanes.get(principal);
    if (lane == null || !lane.remove(element, tool)) {
      return false;
    }
    size--;
    if (lane.isEmpty()) {
      lanes.remove(principal);
    }
    return true;
  }

  int size() {
    return size;
  }

  private record Entry<E>(E element, int urgency, long sequence) {}

  /** One principal's entries. */
  private static final class Lane<E> {
    private final Comparator<Entry<E>> order =
        Comparator.<Entry<E>>comparingInt(Entry::urgency).thenComparingLong(Entry::sequence);
    private final Map<String, PriorityQueue<Entry<E>>> byTool = new HashMap<>();

    void add(String tool, Entry<E> entry) {
      byTool.computeIfAbsent(tool, t -> new PriorityQueue<>(order)).add(entry);
    }

    Optional<E> poll(Predicate<String> eligible) {
      Optional<Map.Entry<String, PriorityQueue<Entry<E>>>> best =
          byTool.entrySet().stream()
              .filter(queue -> eligible.test(queue.getKey()))
              .min(Comparator.comparing(queue -> queue.getValue().element(), order));
      return best.map(
          queue -> {
            Entry<E> taken = queue.getValue().remove();
            dropIfEmpty(queue.getKey());
            return taken.element();
          });
    }

    boolean remove(E element, String tool) {
      PriorityQueue<Entry<E>> queue = byTool.get(tool);
      boolean removed = queue != null && queue.removeIf(entry -> entry.element().equals(element));
      dropIfEmpty(tool);
      return removed;
    }

    boolean isEmpty() {
      return byTool.isEmpty();
    }

    private void dropIfEmpty(String tool) {
      PriorityQueue<Entry<E>> queue = byTool.get(tool);
      if (queue != null && queue.isEmpty()) {
        byTool.remove(tool);
      }
    }
  }
}
