package dev.stoker.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.tls.TestAuthority.Pair;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificatesIT {
  @TempDir Path directory;
  private final Vertx vertx = Vertx.vertx();
  private TestAuthority authority;

  @BeforeEach
  void make() throws Exception {
    authority = new TestAuthority(directory);
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256"})
  void shouldTakeAPairAndSayWhenItEnds(String kind) throws Exception {
    Pair pair = authority.sign("server", kind, 5);

    try (Certificates certificates = Certificates.open(vertx, files(pair))) {
      assertThat(certificates.current().expiresAt())
          .isBetween(
              Instant.now().plus(4, ChronoUnit.DAYS), Instant.now().plus(6, ChronoUnit.DAYS));
    }
  }

  @Test
  void shouldSayWhichFileIsWrong() throws Exception {
    Pair pair = authority.sign("server");
    Pair other = authority.sign("other", "rsa:2048", 2);
    Path nothing = directory.resolve("nothing");
    Path text = Files.writeString(directory.resolve("text"), "hello");

    assertFault(new Pair(nothing, pair.key()), "http.tls.certificate: " + nothing);
    assertFault(new Pair(pair.certificate(), nothing), "http.tls.key: " + nothing);
    assertFault(new Pair(text, pair.key()), "http.tls.certificate: " + text);
    assertFault(new Pair(pair.certificate(), text), "http.tls.key: " + text);
    assertFault(
        new Pair(pair.certificate(), other.key()),
        "http.tls.key: " + other.key() + " is not the key of the certificate in");
    assertFault(new Pair(other.certificate(), pair.key()), "is not the key of the certificate in");
  }

  private void assertFault(Pair pair, String message) {
    assertThatThrownBy(() -> Certificates.open(vertx, files(pair)))
        .isInstanceOf(CertificateFault.class)
        .hasMessageContaining(message);
  }

  @Test
  void shouldTakeOverWhatIsWholeAndNothingElse() throws Exception {
    Pair first = authority.sign("server");
    Pair second = authority.sign("second");
    Queue<TlsMaterial> told = new ConcurrentLinkedQueue<>();
    try (Certificates certificates = Certificates.open(vertx, files(first))) {
      certificates.onChange(told::add);
      TlsMaterial before = certificates.current();

      // The key of another certificate: seen for some looks, and never in force.
      Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
      await()
          .during(Duration.ofMillis(300))
          .until(() -> certificates.current().equals(before) && told.isEmpty());
      Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);

      await().until(() -> told.size() == 1);
      assertThat(certificates.current()).isSameAs(told.peek()).isNotSameAs(before);
    }
  }

  private static TlsFiles files(Pair pair) {
    return new TlsFiles(pair.certificate(), pair.key(), null, Duration.ofMillis(50));
  }
}
