package dev.stoker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.executor.NodeLoad;
import dev.stoker.run.NodeId;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadNewsTest {
  private static final NodeId NODE = new NodeId("a", 1);
  private static final int SLOTS = 4;
  private static final long SOON = LoadNews.AGAIN.toNanos() - 1;

  private final LoadNews news = new LoadNews();
  private long sequence;

  @Test
  void shouldTellNothingBeforeThereIsAnything() {
    assertThat(news.next(0)).isEmpty();
  }

  @Test
  void shouldTellTheNewestOfSeveral() {
    used(1);
    NodeLoad newest = used(2);

    assertThat(news.next(0)).contains(newest);
    assertThat(news.next(1)).isEmpty();
  }

  @Test
  void shouldNotTellOfASlotThatWasTakenAgain() {
    used(SLOTS);
    news.next(0);

    used(SLOTS - 1);
    used(SLOTS);

    assertThat(news.next(SOON)).isEmpty();
  }

  @Test
  void shouldTellOfASlotThatStaysFree() {
    used(SLOTS);
    news.next(0);

    NodeLoad freed = used(SLOTS - 1);

    assertThat(news.next(1)).contains(freed);
  }

  @Test
  void shouldTellTheSameAgainWhereSomebodyMayHaveHeardThatThereWasLessRoom() {
    used(SLOTS - 1);
    news.next(0);

    used(SLOTS);
    NodeLoad freed = used(SLOTS - 1);

    assertThat(news.next(1)).contains(freed);
    used(SLOTS - 1);
    assertThat(news.next(2)).isEmpty();
  }

  @Test
  void shouldTellOfAnotherToolInTheSameSlots() {
    news.changed(load(Map.of("one", 2), false));
    news.next(0);

    NodeLoad other = load(Map.of("two", 2), false);
    news.changed(other);
    assertThat(news.next(1)).contains(other);

    // Who heard of the order for tool one has not heard that it is over.
    news.changed(load(Map.of("one", 1, "two", 1), false));
    NodeLoad again = load(Map.of("two", 2), false);
    news.changed(again);
    assertThat(news.next(2)).contains(again);
  }

  @Test
  void shouldTellThatItTakesNoMore() {
    used(1);
    news.next(0);

    NodeLoad draining = load(Map.of("one", 1), true);
    news.changed(draining);

    assertThat(news.next(1)).contains(draining);
  }

  @Test
  void shouldTellTheSameAgainAfterAWhileToWhoeverHasNotHeard() {
    used(1);
    news.next(0);

    NodeLoad same = used(1);

    assertThat(news.next(SOON)).isEmpty();
    assertThat(news.next(SOON + 1)).contains(same);
  }

  private NodeLoad used(int used) {
    NodeLoad load = load(Map.of("one", used), false);
    news.changed(load);
    return load;
  }

  private NodeLoad load(Map<String, Integer> usedByTool, boolean draining) {
    int used = usedByTool.values().stream().mapToInt(Integer::intValue).sum();
    return new NodeLoad(NODE, ++sequence, SLOTS, used, usedByTool, draining);
  }
}
