package dev.stoker.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  @ParameterizedTest
  @CsvSource({"0,0", "512,512", "64KiB,65536", "1.5GiB,1610612736", "2 MiB,2097152", "7B,7"})
  void shouldReadASize(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1KB", "KiB", "1e3", "0.3B", "99999999TiB"})
  void shouldRefuseWhatIsNotASize(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
  }

  @Property
  void shouldReadWhatItWroteOfASize(@ForAll @LongRange(min = 0, max = 1L << 50) long bytes) {
    ByteSize size = new ByteSize(bytes);

    assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
  }

  @Property
  void shouldReadWhatItWroteOfADuration(@ForAll @LongRange(min = 0, max = 999_999_999) long ms) {
    Duration duration = Duration.ofMillis(ms);

    assertThat(DurationText.parse(DurationText.format(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "5 s", "1.5s", "-1s", "5seconds", "1234567890s"})
  void shouldRefuseWhatIsNotADuration(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurationText.parse(text))
        .withMessageContaining("allowed");
  }

  @Test
  void shouldSortIdsByTheTimeTheyWereMade() {
    RunId earlier = RunId.parse("01890a5d-ac96-774b-bcce-b302099a8057");
    RunId later = RunId.next();

    assertThat(earlier).isLessThan(later);
    assertThat(later.value().version()).isEqualTo(7);
  }

  @Test
  void shouldKeepBytesThatAreNotText() {
    byte[] bytes = {(byte) 0xff, 0, 1};

    Captured captured = Captured.of(bytes, 3, false, null);

    assertThat(captured.text()).isNull();
    assertThat(captured.content()).isEqualTo(bytes);
  }

  @Test
  void shouldReadTheJsonItWrote() {
    RunRecord record =
        new RunRecord(
            RunId.next(),
            "transcode",
            Principal.ANONYMOUS,
            RunState.FAILED,
            Signals.byNumber(9),
            "ended by SIGKILL",
            Captured.of("hällo".getBytes(StandardCharsets.UTF_8), 6, false, null),
            Captured.of(new byte[] {(byte) 0x80}, 9999, true, Digest.of(new byte[0])),
            Map.of("avi", new OutputFile(Digest.of(new byte[] {1}), 1, "video/x-msvideo")),
            Instant.parse("2026-01-02T03:04:05.678Z"),
            Instant.parse("2026-01-02T03:04:06Z"),
            Instant.parse("2026-01-02T03:04:07Z"),
            2,
            "node-1",
            new Usage(12, 3456),
            CacheUse.MISS);

    assertThat(RunJson.decode(RunJson.encode(record))).isEqualTo(record);
  }

  @Test
  void shouldNotCallAnUnknownPeakAMeasurement() {
    RunRecord record =
        new RunRecord(
            RunId.next(),
            "echo",
            Principal.ANONYMOUS,
            RunState.SUCCEEDED,
            new Exit.Code(0),
            null,
            Captured.EMPTY,
            Captured.EMPTY,
            Map.of(),
            Instant.EPOCH,
            null,
            null,
            1,
            null,
            new Usage(1, Usage.UNKNOWN),
            CacheUse.MISS);

    assertThat(RunJson.text(record).toString()).contains("\"memoryPeakBytes\":null");
    assertThat(RunJson.decode(RunJson.encode(record))).isEqualTo(record);
  }

  @Test
  void shouldGiveEveryErrorItsOwnNumber() {
    assertThat(java.util.Arrays.stream(ErrorCode.values()).map(ErrorCode::number))
        .doesNotHaveDuplicates();
  }
}
