package dev.stoker.gateway;

import dev.stoker.tls.TlsMaterial;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The bounds of a server that Vert.x keeps for us. */
final class ServerOptions {
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");
  private static final int FORM_FIELDS_MAX = 256;
  private static final int FORM_FIELD_BYTES_MAX = 1 << 20;
  private static final int PART_HEADER_BYTES_MAX = 8 * 1024;
  private static final int STREAMS_PER_CONNECTION_MAX = 256;

  private ServerOptions() {}

  /**
   * What a server is made with.
   *
   * @param material null: in clear, with HTTP/2 by prior knowledge or upgrade
   */
  static HttpServerOptions of(GatewaySettings settings, @Nullable TlsMaterial material) {
    int headerBytes = (int) settings.headerBytes().bytes();
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setHttp2ClearTextEnabled(true)
            .setMaxHeaderSize(headerBytes)
            .setMaxInitialLineLength((int) settings.uriBytes().bytes())
            .setMaxFormFields(FORM_FIELDS_MAX)
            .setMaxFormAttributeSize(FORM_FIELD_BYTES_MAX)
            .setMaxFormBufferedBytes(PART_HEADER_BYTES_MAX)
            .setHandle100ContinueAutomatically(false)
            .setCompressionSupported(false)
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout((int) settings.idle().toMillis())
            .setTcpNoDelay(true);
    options.setInitialSettings(
        new Http2Settings()
            .setMaxConcurrentStreams(STREAMS_PER_CONNECTION_MAX)
            .setMaxHeaderListSize(headerBytes));
    if (material != null) {
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
          .setKeyCertOptions(material.certificate())
          .setTrustOptions(material.authorities())
          .setClientAuth(clientAuth(material))
          .setEnabledSecureTransportProtocols(PROTOCOLS);
    }
    return options;
  }

  /** The same for a server that listens already: as above, but for the certificate. */
  static ServerSSLOptions of(TlsMaterial material) {
    return new ServerSSLOptions()
        .setUseAlpn(true)
        .setApplicationLayerProtocols(
            List.of(HttpVersion.HTTP_2.alpnName(), HttpVersion.HTTP_1_1.alpnName()))
        .setKeyCertOptions(material.certificate())
        .setTrustOptions(material.authorities())
        .setClientAuth(clientAuth(material))
        .setEnabledSecureTransportProtocols(PROTOCOLS);
  }

  private static ClientAuth clientAuth(TlsMaterial material) {
    return material.authorities() == null ? ClientAuth.NONE : ClientAuth.REQUIRED;
  }
}
