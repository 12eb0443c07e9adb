package dev.stoker.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.stoker.tls.TestAuthority.Pair;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

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
      certificates.onChange(
          material -> {
            told.add(material);
            return Future.succeededFuture();
          });
      TlsMaterial before = certificates.current();

      // The key of another certificate: seen for some looks, and never in force.
      Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
      await()
          .during(Duration.ofMillis(300))
          .until(() -> certificates.current().equals(before) && told.isEmpty());
      Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);

      await().until(() -> !certificates.current().equals(before));
      assertThat(told).containsExactly(certificates.current());
    }
  }

  @Test
  void shouldTakeNoAuthoritiesThatAServerWouldNotTake() throws Exception {
    Pair pair = authority.sign("server");
    Path binary = directory.resolve("ca.der");
    authority.openssl("x509 -in ca.pem -outform DER -out " + binary);

    assertThatThrownBy(
            () ->
                Certificates.open(
                    vertx,
                    new TlsFiles(pair.certificate(), pair.key(), binary, Duration.ofSeconds(1))))
        .isInstanceOf(CertificateFault.class)
        .hasMessage("http.tls.clientAuthorities: " + binary + " has no PEM certificate");
  }

  @Test
  void shouldHoldInForceWhatTheServersHaveTaken() throws Exception {
    Pair first = authority.sign("server");
    Pair second = authority.sign("second");
    AtomicBoolean taken = new AtomicBoolean();
    AtomicInteger asked = new AtomicInteger();
    try (Certificates certificates = Certificates.open(vertx, files(first));
        Said said = new Said()) {
      TlsMaterial before = certificates.current();
      certificates.onChange(
          material -> {
            asked.incrementAndGet();
            return taken.get()
                ? Future.succeededFuture()
                : Future.failedFuture(new IllegalStateException("not now"));
          });
      copy(second, first);

      await().until(() -> asked.get() > 2);
      assertThat(certificates.current()).isSameAs(before);
      assertThat(said.errors())
          .containsExactly(
              "the certificate in force is kept: a server does not take that of "
                  + first.certificate()
                  + ": IllegalStateException");

      taken.set(true);
      await().until(() -> !certificates.current().equals(before));
    }
  }

  @Test
  void shouldSayEachTimeWhyAPairThatComesBackIsRefused() throws Exception {
    Pair pair = authority.sign("server");
    Path good = Files.copy(pair.key(), directory.resolve("good"));
    Path bad = authority.sign("other").key();
    String why = "is not the key of the certificate in " + pair.certificate();
    try (Certificates certificates = Certificates.open(vertx, files(pair));
        Said said = new Said()) {
      TlsMaterial before = certificates.current();
      Files.copy(bad, pair.key(), StandardCopyOption.REPLACE_EXISTING);
      await().until(() -> said.errors().size() == 1);

      Files.copy(good, pair.key(), StandardCopyOption.REPLACE_EXISTING);
      await().during(Duration.ofMillis(300)).until(() -> certificates.current().equals(before));
      Files.copy(bad, pair.key(), StandardCopyOption.REPLACE_EXISTING);
      await().until(() -> said.errors().size() == 2);

      Files.delete(pair.key());
      await().until(() -> said.errors().size() == 3);
      Files.copy(bad, pair.key());
      await().until(() -> said.errors().size() == 4);
      assertThat(said.errors().get(0)).endsWith(why);
      assertThat(said.errors().get(1)).endsWith(why);
      assertThat(said.errors().get(2)).contains(" cannot be read: ");
      assertThat(said.errors().get(3)).endsWith(why);
    }
  }

  private static void copy(Pair from, Pair to) throws Exception {
    Files.copy(from.certificate(), to.certificate(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(from.key(), to.key(), StandardCopyOption.REPLACE_EXISTING);
  }

  /** What is logged at ERROR here meanwhile. */
  private static final class Said extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger(Certificates.class);
    private final List<String> errors = new CopyOnWriteArrayList<>();

    Said() {
      start();
      logger.addAppender(this);
    }

    List<String> errors() {
      return List.copyOf(errors);
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel() == Level.ERROR) {
        errors.add(event.getFormattedMessage());
      }
    }

    @Override
    public void close() {
      logger.detachAppender(this);
    }
  }

  private static TlsFiles files(Pair pair) {
    return new TlsFiles(pair.certificate(), pair.key(), null, Duration.ofMillis(50));
  }
}
