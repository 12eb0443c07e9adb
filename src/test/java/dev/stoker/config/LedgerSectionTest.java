package dev.stoker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stoker.ledger.LedgerSettings;
import dev.stoker.ledger.LedgerSettings.WithoutStore;
import dev.stoker.ledger.SharedStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerSectionTest {
  private static final String URL = "jdbc:postgresql://db/stoker";

  @Test
  void shouldHaveABookOfItsOwnWithoutAUrl() {
    LedgerSettings settings = settings("", "3s", Map.of());

    assertThat(settings.shared()).isNull();
    assertThat(settings.synchronous()).isEqualTo(WithoutStore.GO_ON);
    assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void shouldShareTheStoreOfTheFile() {
    assertThat(settings(URL, "3s", Map.of()).shared())
        .isEqualTo(new SharedStore(URL, "stoker", "secret", 4));
  }

  @Test
  void shouldLetTheEnvironmentWin() {
    Map<String, String> environment =
        Map.of(
            "STOKER_LEDGER_URL", "jdbc:postgresql://other/stoker",
            "STOKER_LEDGER_USER", "bob",
            "STOKER_LEDGER_PASSWORD", "hidden");

    assertThat(settings(URL, "3s", environment).shared())
        .isEqualTo(new SharedStore("jdbc:postgresql://other/stoker", "bob", "hidden", 4));
  }

  @Test
  void shouldNotShowThePassword() {
    String url = URL + "?user=bob&password=alsosecret";

    assertThat(settings(url, "3s", Map.of()).toString()).doesNotContain("secret");
    assertThatThrownBy(() -> settings("jdbc:other:?password=alsosecret", "3s", Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ledger.url")
        .hasMessageNotContaining("alsosecret");
  }

  @Test
  void shouldRefuseALeaseThatLuckDecides() {
    assertThatThrownBy(() -> settings(URL, "1s", Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("ledger.lease: 1000ms is not allowed; allowed: from 1500ms");
  }

  private static LedgerSettings settings(
      String url, String lease, Map<String, String> environment) {
    StokerFile.Ledger file =
        new StokerFile.Ledger(
            10,
            Duration.ofDays(7),
            10,
            true,
            url,
            "stoker",
            "secret",
            4,
            Duration.parse("PT" + lease));
    return LedgerSection.settings(Path.of("ledger"), file, environment::get);
  }
}
