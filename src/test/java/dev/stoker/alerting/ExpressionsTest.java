package dev.stoker.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          up{job="stoker"} == 0                                             | [up]
          sum by (cluster, tool) (rate(a_total{code=~"b.c"}[5m])) > 0.1     | [a_total]
          a - b >= 0.5 * c                                                  | [a, b, c]
          x:y:rate5m offset 1h unless on (instance) last_over_time(z[15m])  | [x:y:rate5m, z]
          a_seconds - time() < 14 * 86400 and b > 1e3                       | [a_seconds, b]
          """)
  void shouldFindTheMetricsOfAnExpression(String expression, String metrics) {
    assertThat(Expressions.metrics(expression)).hasToString(metrics);
  }

  @Test
  void shouldKnowAHistogramByItsParts() {
    String document = "| `a_seconds{tool}` | histogram |";

    assertThat(Expressions.isIn(document, "a_seconds")).isTrue();
    assertThat(Expressions.isIn(document, "a_seconds_bucket")).isTrue();
    assertThat(Expressions.isIn(document, "a_seconds_total")).isFalse();
    assertThat(Expressions.isIn(document, "seconds")).isFalse();
  }
}
