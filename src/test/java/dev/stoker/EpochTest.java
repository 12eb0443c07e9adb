package dev.stoker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochTest {
  @TempDir Path data;

  @Test
  void shouldCountTheStarts() {
    assertThat(Epoch.next(data)).isEqualTo(1);
    assertThat(Epoch.next(data)).isEqualTo(2);
    assertThat(Epoch.next(data)).isEqualTo(3);
  }

  @Test
  void shouldNotStumbleOverAStartThatWasCutShort() throws IOException {
    Epoch.next(data);
    Files.writeString(data.resolve("epoch.new"), "77 and some");

    assertThat(Epoch.next(data)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two", "-1", "0", "9223372036854775807"})
  void shouldNotGuessWhenTheCountIsLost(String text) throws IOException {
    Files.writeString(data.resolve("epoch"), text);

    assertThatThrownBy(() -> Epoch.next(data))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("epoch holds '" + text + "'");
  }
}
