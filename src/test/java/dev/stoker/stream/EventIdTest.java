package dev.stoker.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.run.ServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"-1.42.0", "-1.0.0", "2.0.0", "7.123456789012.9"})
  void shouldTakeBackEveryIdItGave(String id) {
    assertThat(EventId.parse(id)).hasToString(id);
  }

  @Test
  void shouldBeginWithoutAnId() {
    assertThat(EventId.parse(null)).isEqualTo(EventId.NONE);
    assertThat(EventId.parse("")).isEqualTo(EventId.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1.2", "1.2.3.4", "-2.0.0", "1.-1.0", "1.0.-1", "1..2"})
  void shouldRefuseWhatIsNotAnId(String id) {
    assertThatThrownBy(() -> EventId.parse(id))
        .isInstanceOf(ServiceException.class)
        .hasMessageContaining("Last-Event-ID");
  }
}
