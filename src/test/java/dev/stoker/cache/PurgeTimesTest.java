package dev.stoker.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stoker.cache.PurgeTimes.Purge;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PurgeTimesTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.000000001Z");

  private final PurgeTimes times = new PurgeTimes();

  @Test
  void shouldSayTheSameWhateverTheOrderInWhichItHeard() {
    List<Purge> purges =
        List.of(
            new Purge(Optional.of("echo"), NOON),
            new Purge(Optional.of("echo"), NOON.plusSeconds(1)),
            new Purge(Optional.empty(), NOON),
            new Purge(Optional.of("gzip"), NOON.minusSeconds(1)));
    PurgeTimes reversed = new PurgeTimes();

    purges.forEach(purge -> times.record(purge.tool(), purge.at()));
    purges.reversed().forEach(purge -> reversed.record(purge.tool(), purge.at()));

    assertThat(times.text()).isEqualTo(reversed.text());
    assertThat(PurgeTimes.read(times.text()))
        .containsExactly(
            new Purge(Optional.empty(), NOON), new Purge(Optional.of("echo"), NOON.plusSeconds(1)));
  }

  @Test
  void shouldKnowEveryPurgeThatItReads() {
    times.record(Optional.of("echo"), NOON);
    times.record(Optional.empty(), NOON.minusSeconds(9));
    PurgeTimes other = new PurgeTimes();
    List<Purge> read = PurgeTimes.read(times.text());

    assertThat(read).hasSize(2).noneMatch(other::knows);
    read.forEach(purge -> other.record(purge.tool(), purge.at()));

    assertThat(read).allMatch(other::knows);
    assertThat(other.since("echo", NOON)).isTrue();
    assertThat(other.since("echo", NOON.plusNanos(1))).isFalse();
    assertThat(other.since("gzip", NOON.minusSeconds(9))).isTrue();
  }

  @Test
  void shouldReadNothingFromNothing() {
    assertThat(times.text()).isEmpty();
    assertThat(PurgeTimes.read(null)).isEmpty();
    assertThat(PurgeTimes.read("")).isEmpty();
  }

  @Test
  void shouldPurgeAllWhenThereAreTooManyNames() {
    IntStream.range(0, PurgeTimes.TOOLS_MAX)
        .forEach(n -> times.record(Optional.of("tool-" + n), NOON));

    times.record(Optional.of("one-more"), NOON.plusSeconds(1));

    assertThat(times.since("any", NOON.plusSeconds(1))).isTrue();
    assertThat(PurgeTimes.read(times.text())).hasSize(1);
  }
}
