package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          for: 45s                              | for: 4500ms
          group_interval: 1m                    | group_interval: 6000ms
          rate(a_seconds_sum[5m])               | rate(a_seconds_sum[30000ms])
          quantile_over_time(0.5, a[1d] offset 1h) | quantile_over_time(0.5, a[8640000ms] offset 360000ms)
          last_over_time(a[15m]) > 300          | last_over_time(a[90000ms]) > 300
          record: stoker:missed:ratio_rate30m   | record: stoker:missed:ratio_rate30m
          summary: looks for 15s                | summary: looks for 15s
          """)
  void shouldDivideEachDurationAndNothingElse(String text, String faster) {
    assertThat(Time.faster(text, 10)).isEqualTo(faster);
  }

  @Test
  void shouldReadWhatTheFilesSay() {
    assertThat(Time.parse("45s")).isEqualTo(Duration.ofSeconds(45));
    assertThat(Time.parse("3d")).isEqualTo(Duration.ofDays(3));
    assertThatIllegalArgumentException().isThrownBy(() -> Time.parse("soon"));
  }
}
