package dev.stoker.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.RunId;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private final RunId holder = RunId.next();

  @Test
  void shouldGiveNoMoreThanTheNodeHas() {
    Slots slots = new Slots(2);
    assertThat(slots.acquire("a", 9, holder)).isPresent();
    assertThat(slots.acquire("b", 9, holder)).isPresent();

    assertThat(slots.acquire("c", 9, holder)).isEmpty();
  }

  @Test
  void shouldGiveNoMoreThanTheToolMayHave() {
    Slots slots = new Slots(5);
    assertThat(slots.acquire("a", 1, holder)).isPresent();

    assertThat(slots.acquire("a", 1, holder)).isEmpty();
    assertThat(slots.acquire("b", 1, holder)).isPresent();
  }

  @Test
  void shouldGiveAReleasedSlotAgain() {
    Slots slots = new Slots(1);
    slots.acquire("a", 1, holder).orElseThrow().release();

    assertThat(slots.used()).isZero();
    assertThat(slots.acquire("a", 1, holder)).isPresent();
  }

  @Test
  void shouldRefuseASecondRelease() {
    Slots.Slot slot = new Slots(1).acquire("a", 1, holder).orElseThrow();
    slot.release();

    assertThatThrownBy(slot::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(holder.toString())
        .hasMessageContaining("twice");
  }
}
