package dev.stoker.header;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        // proxies              | peer       | X-Forwarded-For                  | client
        "10.0.0.1               | 10.0.0.1   | 203.0.113.7                      | 203.0.113.7",
        "10.0.0.1               | 10.0.0.2   | 203.0.113.7                      | none",
        "10.0.0.0/8             | 10.9.0.2   | 203.0.113.7                      | 203.0.113.7",
        "10.0.0.0/8             | 11.9.0.2   | 203.0.113.7                      | none",
        "10.0.0.0/8             | 10.9.0.2   | 198.51.100.9, 203.0.113.7        | 203.0.113.7",
        "10.0.0.0/8             | 10.9.0.2   | 203.0.113.7, 10.1.1.1            | 203.0.113.7",
        "10.0.0.0/8             | 10.9.0.2   | 10.1.1.2, 10.1.1.1               | 10.1.1.2",
        "10.0.0.0/8             | 10.9.0.2   | 203.0.113.7, nonsense            | none",
        "10.0.0.0/8             | 10.9.0.2   | 203.0.113.7, nonsense, 10.1.1.1  | 10.1.1.1",
        "10.0.0.0/8             | 10.9.0.2   | none                             | none",
        "10.0.0.0/8             | 10.9.0.2   | localhost                        | none",
        "fd00::/8,::1           | fd00::5    | 2001:db8::1                      | 2001:db8::1",
        "fd00::/8,::1           | ::1        | 2001:db8::1, fd00::7             | 2001:db8::1",
        "0.0.0.0/0              | 10.9.0.2   | 203.0.113.7                      | 203.0.113.7",
      })
  void shouldBelieveTrustedProxiesOnly(String proxies, String peer, String field, String client) {
    TrustedProxies trusted = TrustedProxies.parse(Arrays.asList(proxies.split(",")));

    assertThat(trusted.client(peer, field)).isEqualTo(client);
  }

  @Test
  void shouldBelieveNobodyByDefault() {
    assertThat(TrustedProxies.NONE.client("127.0.0.1", "203.0.113.7")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8/8", "1.2.3.4/"})
  void shouldRefuseWhatIsNoRange(String range) {
    assertThatThrownBy(() -> TrustedProxies.parse(List.of(range)))
        .hasMessageContaining("'" + range + "' is not allowed; allowed: an address or a range");
  }
}
