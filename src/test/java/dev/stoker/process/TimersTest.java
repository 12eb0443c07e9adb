package dev.stoker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimersTest {
  private final Timers timers = new Timers();
  private final List<String> fired = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(longs = {0, -5, Long.MAX_VALUE - 3, Long.MIN_VALUE})
  void shouldFireInTheOrderOfTimeWhereverTheClockStands(long now) {
    timers.schedule(now, 20, () -> fired.add("late"));
    timers.schedule(now, 5, () -> fired.add("early"));
    Timers.Timer cancelled = timers.schedule(now, 1, () -> fired.add("never"));

    cancelled.cancel();

    assertThat(timers.untilNextNanos(now)).isEqualTo(5);
    assertThat(fire(now + 4)).isEmpty();
    assertThat(fire(now + 5)).containsExactly("early");
    assertThat(timers.untilNextNanos(now + 30)).isZero();
    assertThat(fire(now + 30)).containsExactly("early", "late");
    assertThat(timers.untilNextNanos(now + 30)).isEqualTo(Long.MAX_VALUE);
  }

  private List<String> fire(long now) {
    for (Runnable due = timers.takeDue(now); due != null; due = timers.takeDue(now)) {
      due.run();
    }
    return fired;
  }
}
