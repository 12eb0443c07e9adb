package dev.stoker.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.stoker.StokerHome;
import dev.stoker.StokerProcess;
import dev.stoker.tls.TestAuthority;
import dev.stoker.tls.TestAuthority.Pair;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A node over TLS, in a JVM of its own. */
@Tag("patient")
class TlsIT {
  @TempDir static Path directory;
  private static Vertx vertx;
  private static TestAuthority authority;
  private static StokerHome home;
  private static Pair pair;
  private static StokerProcess stoker;

  @BeforeAll
  static void make() throws Exception {
    vertx = Vertx.vertx();
    authority = new TestAuthority(directory);
    pair = authority.sign("server");
    home = new StokerHome(directory.resolve("home")).script("hello", "echo hello");
    home.config(tls(pair, ""));
    stoker = home.start();
  }

  private static String tls(Pair pair, String more) {
    return "http: {stall: 60s, tls: {certificate: %s, key: %s, watch: 100ms%s}}"
        .formatted(pair.certificate(), pair.key(), more);
  }

  @AfterAll
  static void close() {
    stoker.close();
    vertx.close().await();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void shouldServeRunsOverBothVersions(HttpVersion version) throws Exception {
    assertThat(stoker.address().getScheme()).isEqualTo("https");
    HttpClientAgent client = client(options().setProtocolVersion(version));

    Answer answer = run(client, stoker.address());

    assertThat(answer.version()).isEqualTo(version);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body().getJsonObject("stdout").getString("text")).isEqualTo("hello\n");
  }

  @Test
  void shouldNotSpeakWithWhoIsTooOldOrInClear() throws Exception {
    String target = "127.0.0.1:" + stoker.address().getPort();
    assertThat(authority.openssl("s_client -connect " + target + " -tls1_2"))
        .contains("Cipher is ECDHE");
    assertThat(authority.openssl("s_client -connect " + target + " -tls1_3"))
        .contains("Cipher is TLS_");
    assertThat(
            authority.openssl(
                "s_client -connect " + target + " -tls1_1 -cipher DEFAULT@SECLEVEL=0"))
        .contains("alert protocol version")
        .contains("Cipher is (NONE)");
    URI clear = URI.create("http://" + target + "/v1/tools");
    assertThatThrownBy(
            () ->
                java.net.http.HttpClient.newHttpClient()
                    .send(
                        java.net.http.HttpRequest.newBuilder(clear).build(),
                        HttpResponse.BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void shouldTakeOverANewCertificateAndKeepItsConnections() throws Exception {
    HttpClientAgent client = client(options());
    HttpClientConnection old = connect(client, stoker.address());
    X509Certificate before = certificate(old);
    double ends = expiry(stoker);
    Pair next = authority.sign("next", "rsa:2048", 90);

    // Not at once, as whoever renews a certificate does it: the key of another first.
    Files.copy(next.key(), pair.key(), StandardCopyOption.REPLACE_EXISTING);
    await().until(() -> stoker.errors().contains("the certificate in force is kept"));
    assertThat(certificate(connect(client(options()), stoker.address()))).isEqualTo(before);
    Files.copy(next.certificate(), pair.certificate(), StandardCopyOption.REPLACE_EXISTING);

    await()
        .untilAsserted(
            () ->
                assertThat(certificate(connect(client(options()), stoker.address())))
                    .isNotEqualTo(before));
    assertThat(stoker.errors()).containsOnlyOnce("the certificate in force is kept");
    assertThat(
            old.request(new RequestOptions().setURI("/v1/tools"))
                .compose(request -> request.send())
                .await()
                .statusCode())
        .isEqualTo(200);
    assertThat(certificate(old)).isEqualTo(before);
    assertThat(ends).isBetween(days(1), days(3));
    assertThat(expiry(stoker)).isBetween(days(89), days(91));
  }

  @Test
  void shouldAskCallersForACertificateWhereTold() throws Exception {
    StokerHome elsewhere =
        new StokerHome(directory.resolve("strict")).script("hello", "echo hello");
    elsewhere.config(
        tls(authority.sign("strict"), ", clientAuthorities: " + authority.certificate()));
    Pair caller = authority.sign("caller");
    Pair stranger =
        new TestAuthority(Files.createDirectory(directory.resolve("strangers"))).sign("caller");
    try (StokerProcess strict = elsewhere.start()) {
      HttpClientAgent known =
          client(
              options()
                  .setKeyCertOptions(
                      new PemKeyCertOptions()
                          .setCertPath(caller.certificate().toString())
                          .setKeyPath(caller.key().toString())));
      assertThat(run(known, strict.address()).status()).isEqualTo(200);

      for (HttpClientOptions options :
          List.of(
              options(),
              options()
                  .setKeyCertOptions(
                      new PemKeyCertOptions()
                          .setCertPath(stranger.certificate().toString())
                          .setKeyPath(stranger.key().toString())))) {
        assertThatThrownBy(() -> run(client(options), strict.address()))
            .rootCause()
            .isInstanceOf(SSLException.class);
      }
    }
  }

  @Test
  void shouldRefuseToStartWithTheKeyOfAnother() throws Exception {
    Pair other = authority.sign("other");
    Pair mixed = new Pair(authority.sign("one").certificate(), other.key());
    StokerHome broken = new StokerHome(directory.resolve("broken")).config(tls(mixed, ""));

    try (StokerProcess stillborn =
        StokerProcess.run(
            broken,
            List.of(
                "serve",
                "--config",
                broken.config().toString(),
                "--catalog",
                broken.catalog().toString(),
                "--data",
                broken.data().toString(),
                "--port",
                "0",
                "--management-port",
                "0"))) {
      assertThat(stillborn.exitCode()).isEqualTo(2);
      assertThat(stillborn.errors().lines().toList().getLast())
          .isEqualTo(
              "http.tls.key: "
                  + other.key()
                  + " is not the key of the certificate in "
                  + mixed.certificate());
    }
  }

  private HttpClientOptions options() {
    return new HttpClientOptions()
        .setSsl(true)
        .setUseAlpn(true)
        .setTrustOptions(new PemTrustOptions().addCertPath(authority.certificate().toString()));
  }

  private HttpClientAgent client(HttpClientOptions options) {
    return vertx.createHttpClient(options);
  }

  private record Answer(HttpVersion version, int status, JsonObject body) {}

  private static Answer run(HttpClientAgent client, URI to) throws Exception {
    return client
        .request(
            new RequestOptions()
                .setHost(to.getHost())
                .setPort(to.getPort())
                .setMethod(HttpMethod.POST)
                .setURI("/v1/tools/hello/runs")
                .putHeader("Content-Type", "application/json"))
        .compose(request -> request.send(Buffer.buffer("{}")))
        .compose(
            response ->
                response
                    .body()
                    .map(
                        body ->
                            new Answer(
                                response.version(), response.statusCode(), body.toJsonObject())))
        .await(30, TimeUnit.SECONDS);
  }

  private static HttpClientConnection connect(HttpClientAgent client, URI to) throws Exception {
    return client
        .connect(new HttpConnectOptions().setHost(to.getHost()).setPort(to.getPort()))
        .await(30, TimeUnit.SECONDS);
  }

  private static X509Certificate certificate(HttpClientConnection connection) throws Exception {
    return (X509Certificate) connection.sslSession().getPeerCertificates()[0];
  }

  private static double days(int days) {
    return Instant.now().getEpochSecond() + days * 86_400.0;
  }

  private static double expiry(StokerProcess stoker) throws Exception {
    String metrics =
        java.net.http.HttpClient.newHttpClient()
            .send(
                java.net.http.HttpRequest.newBuilder(stoker.management().resolve("/metrics"))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    Matcher value =
        Pattern.compile("stoker_certificate_expiry_timestamp_seconds\\{use=\"http\"\\} (\\S+)")
            .matcher(metrics);
    assertThat(value.find()).as(metrics).isTrue();
    return Double.parseDouble(value.group(1));
  }
}
