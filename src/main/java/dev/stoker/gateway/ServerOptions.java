package dev.stoker.gateway;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;

/** The bounds of a server that Vert.x keeps for us. */
final class ServerOptions {
  private static final int FORM_FIELDS_MAX = 256;
  private static final int FORM_FIELD_BYTES_MAX = 1 << 20;
  private static final int PART_HEADER_BYTES_MAX = 8 * 1024;
  private static final int STREAMS_PER_CONNECTION_MAX = 256;

  private ServerOptions() {}

  static HttpServerOptions of(GatewaySettings settings) {
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
    return options;
  }
}
