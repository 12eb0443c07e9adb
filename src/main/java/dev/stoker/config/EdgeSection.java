package dev.stoker.config;

import dev.stoker.gateway.GatewaySettings.Edge;
import dev.stoker.header.TrustedProxies;
import dev.stoker.tls.TlsFiles;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of the {@code http:} section is about who is at the other end. Stateless. */
final class EdgeSection {
  private EdgeSection() {}

  static Edge settings(StokerFile.Http http) {
    return new Edge(tls(http.tls()), proxies(http.trustedProxies()));
  }

  private static TrustedProxies proxies(List<String> ranges) {
    try {
      return TrustedProxies.parse(ranges);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException("http.trustedProxies: " + e.getMessage(), e);
    }
  }

  private static @Nullable TlsFiles tls(StokerFile.Tls tls) {
    boolean certificate = !tls.certificate().isEmpty();
    boolean key = !tls.key().isEmpty();
    if (certificate != key) {
      throw new ConfigurationException(
          "http.tls." + (certificate ? "key" : "certificate") + " is missing; both are needed");
    }
    if (!certificate) {
      if (!tls.clientAuthorities().isEmpty()) {
        throw new ConfigurationException(
            "http.tls.clientAuthorities is not allowed without http.tls.certificate");
      }
      return null;
    }
    return new TlsFiles(
        path(tls.certificate()),
        path(tls.key()),
        tls.clientAuthorities().isEmpty() ? null : path(tls.clientAuthorities()),
        Configuration.positive("http.tls.watch", tls.watch()));
  }

  private static Path path(String file) {
    return Path.of(file).toAbsolutePath().normalize();
  }
}
