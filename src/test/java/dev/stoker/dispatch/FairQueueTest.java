package dev.stoker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final FairQueue<String> queue = new FairQueue<>();

  @Test
  void shouldLetPrincipalsTakeTurns() {
    for (int i = 1; i <= 3; i++) {
      queue.add("greedy" + i, "greedy", "tool", 3);
    }
    queue.add("modest1", "modest", "tool", 3);

    assertThat(drain()).containsExactly("greedy1", "modest1", "greedy2", "greedy3");
  }

  @Test
  void shouldTakeThePrincipalsMoreUrgentEntryFirst() {
    queue.add("later", "p", "tool", 3);
    queue.add("urgent", "p", "other", 0);
    queue.add("last", "p", "tool", 7);

    assertThat(drain()).containsExactly("urgent", "later", "last");
  }

  @Test
  void shouldNotLetUrgencyPassAnotherPrincipalsTurn() {
    queue.add("a1", "a", "tool", 0);
    queue.add("a2", "a", "tool", 0);
    queue.add("b1", "b", "tool", 7);

    assertThat(drain()).containsExactly("a1", "b1", "a2");
  }

  @Test
  void shouldPassOverAToolThatHasNoRoomAndKeepItsPlace() {
    queue.add("full1", "p", "full", 3);
    queue.add("free1", "p", "free", 3);

    assertThat(queue.poll("free"::equals)).contains("free1");
    assertThat(queue.poll("free"::equals)).isEmpty();
    assertThat(queue.poll(tool -> true)).contains("full1");
  }

  @Test
  void shouldRemoveAnEntryFromTheMiddle() {
    queue.add("one", "p", "tool", 3);
    queue.add("two", "p", "tool", 3);
    queue.add("three", "p", "tool", 3);

    assertThat(queue.remove("two", "p", "tool")).isTrue();
    assertThat(queue.remove("two", "p", "tool")).isFalse();
    assertThat(queue.size()).isEqualTo(2);
    assertThat(drain()).containsExactly("one", "three");
  }

  /** While a principal has entries, nobody else gets two turns before it gets one. */
  @Property
  void shouldNeverMakeAPrincipalWaitForMoreThanOneTurnOfEachOther(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 5) Integer> principals) {
    FairQueue<Integer> mixed = new FairQueue<>();
    Map<Integer, Integer> left = new HashMap<>();
    for (int principal : principals) {
      mixed.add(principal, "p" + principal, "tool", principal % 8);
      left.merge(principal, 1, Integer::sum);
    }

    Map<Integer, Map<Integer, Integer>> turnsSince = new HashMap<>();
    for (int taken = 0; taken < principals.size(); taken++) {
      int principal = mixed.poll(tool -> true).orElseThrow();
      left.merge(principal, -1, Integer::sum);
      turnsSince.remove(principal);
      left.forEach(
          (other, entries) -> {
            if (other != principal && entries > 0) {
              int turns =
                  turnsSince
                      .computeIfAbsent(other, o -> new HashMap<>())
                      .merge(principal, 1, Integer::sum);
              assertThat(turns).isEqualTo(1);
            }
          });
    }
    assertThat(mixed.size()).isZero();
  }

  private List<String> drain() {
    List<String> drained = new ArrayList<>();
    for (Optional<String> next = queue.poll(tool -> true);
        next.isPresent();
        next = queue.poll(tool -> true)) {
      drained.add(next.get());
    }
    return drained;
  }
}
