package dev.stoker.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.RunRecord;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ResultBytesTest {
  private static final Instant STORED = Instant.parse("2026-01-01T12:00:00.123456789Z");

  @Test
  void shouldGiveBackWhatItWasGiven() {
    RunRecord run =
        Results.withBlobs(
            Results.success("echo", "é†", STORED.minusSeconds(1)),
            Results.digest("a"),
            Results.digest("b"),
            Results.digest("c"));
    CachedResult cached = new CachedResult(run, STORED, STORED.plus(Duration.ofDays(30)));

    assertThat(ResultBytes.decode(ResultBytes.encode(cached))).isEqualTo(cached);
  }

  @Test
  void shouldRefuseAnotherVersion() {
    CachedResult cached =
        new CachedResult(Results.success("echo", "x", STORED), STORED, STORED.plusSeconds(1));
    byte[] bytes = ResultBytes.encode(cached);
    bytes[0]++;

    assertThatThrownBy(() -> ResultBytes.decode(bytes))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
