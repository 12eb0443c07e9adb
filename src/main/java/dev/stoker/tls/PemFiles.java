package dev.stoker.tls;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The content of the files at one moment, which may be that between two of them being written.
 * Immutable.
 */
final class PemFiles {
  private static final byte[] PROBE = {1, 2, 3, 4, 5, 6, 7, 8};

  /** More is no certificate. */
  private static final int BYTES_MAX = 1 << 20;

  private final TlsFiles files;
  private final byte[] certificate;
  private final byte[] key;
  private final byte[] authorities;

  private PemFiles(TlsFiles files) throws CertificateFault {
    this.files = files;
    this.certificate = read("http.tls.certificate", files.certificate());
    this.key = read("http.tls.key", files.key());
    Path trusted = files.clientAuthorities();
    this.authorities = trusted == null ? new byte[0] : read("http.tls.clientAuthorities", trusted);
  }

  static PemFiles read(TlsFiles files) throws CertificateFault {
    return new PemFiles(files);
  }

  private static byte[] read(String setting, Path file) throws CertificateFault {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw new CertificateFault(setting + ": " + file + " is too large for a PEM file");
      }
      return bytes;
    } catch (IOException e) {
      throw new CertificateFault(setting + ": " + file + " cannot be read: " + e, e);
    }
  }

  boolean isSameAs(@Nullable PemFiles other) {
    return other != null
        && Arrays.equals(certificate, other.certificate)
        && Arrays.equals(key, other.key)
        && Arrays.equals(authorities, other.authorities);
  }

  /** What is in them, once the key is the certificate's. */
  TlsMaterial material(Vertx vertx) throws CertificateFault {
    List<X509Certificate> chain =
        certificates("http.tls.certificate", files.certificate(), certificate);
    PemKeyCertOptions own =
        new PemKeyCertOptions()
            .setCertValue(Buffer.buffer(certificate))
            .setKeyValue(Buffer.buffer(key));
    checkPair(chain.getFirst().getPublicKey(), privateKey(vertx, own));
    Path trusted = files.clientAuthorities();
    return new TlsMaterial(
        own,
        trusted == null ? null : trust(vertx, trusted),
        chain.stream()
            .map(each -> each.getNotAfter().toInstant())
            .min(Comparator.naturalOrder())
            .orElse(Instant.MAX));
  }

  private PemTrustOptions trust(Vertx vertx, Path trusted) throws CertificateFault {
    String setting = "http.tls.clientAuthorities";
    certificates(setting, trusted, authorities);
    PemTrustOptions trust = new PemTrustOptions().addCertValue(Buffer.buffer(authorities));
    try {
      // As the server will: it takes less than the factory of certificates, which takes DER.
      trust.getTrustManagerFactory(vertx);
      return trust;
    } catch (Exception e) {
      throw new CertificateFault(setting + ": " + trusted + " has no PEM certificate", e);
    }
  }

  private static List<X509Certificate> certificates(String setting, Path file, byte[] pem)
      throws CertificateFault {
    try {
      List<X509Certificate> all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (all.isEmpty()) {
        throw new CertificateFault(setting + ": " + file + " has no certificate");
      }
      return all;
    } catch (GeneralSecurityException e) {
      throw new CertificateFault(setting + ": " + file + " has no PEM certificate", e);
    }
  }

  // Of the cause only the type is told: a message might have something of the key.
  private PrivateKey privateKey(Vertx vertx, PemKeyCertOptions own) throws CertificateFault {
    try {
      for (KeyManager manager : own.getKeyManagerFactory(vertx).getKeyManagers()) {
        if (manager instanceof X509KeyManager keys) {
          for (String algorithm : List.of("RSA", "EC", "EdDSA", "Ed25519", "RSASSA-PSS")) {
            String[] names = keys.getServerAliases(algorithm, null);
            if (names != null && names.length > 0) {
              return keys.getPrivateKey(names[0]);
            }
          }
        }
      }
    } catch (Exception e) {
      if (e instanceof IllegalArgumentException
          && String.valueOf(e.getMessage()).contains("does not match algorithm")) {
        throw notAPair();
      }
      throw new CertificateFault(
          "http.tls.key: "
              + files.key()
              + " has no PEM private key that can be read (a plain one: not encrypted); "
              + e.getClass().getSimpleName());
    }
    throw new CertificateFault(
        "http.tls.key: " + files.key() + " has a key of a kind that is not known");
  }

  private void checkPair(PublicKey published, PrivateKey own) throws CertificateFault {
    String algorithm =
        switch (published.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> published.getAlgorithm();
        };
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(own);
      signing.update(PROBE);
      byte[] signature = signing.sign();
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(published);
      verifying.update(PROBE);
      if (verifying.verify(signature)) {
        return;
      }
    } catch (GeneralSecurityException differentKinds) {
      // An RSA key beside an EC certificate, say: as below.
    }
    throw notAPair();
  }

  private CertificateFault notAPair() {
    return new CertificateFault(
        "http.tls.key: %s is not the key of the certificate in %s"
            .formatted(files.key(), files.certificate()));
  }
}
