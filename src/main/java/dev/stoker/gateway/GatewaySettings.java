package dev.stoker.gateway;

import dev.stoker.header.TrustedProxies;
import dev.stoker.run.ByteSize;
import dev.stoker.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the gateway listens, and every bound on what its callers may take of this node.
 *
 * @param port 0 for any that is free
 * @param connections open at once, of one instance of the gateway; more are closed unanswered
 * @param headerBytes of one request's header fields; more is a 431
 * @param uriBytes of one request line; more is a 414
 * @param jsonBody of a JSON body, a form, or the fields of a multipart body; more is a 413
 * @param stdin of a body that is standard input
 * @param blob of a blob that is uploaded by itself
 * @param idle how long a connection may be without a request, and how long one may take to send its
 *     header and a body that is short enough for the memo
 * @param stall how long a caller may neither send nor take anything it is waited for
 * @param waitMax the longest that {@code Prefer: wait} and {@code ?wait} wait
 * @param heartbeat how often an event stream that is silent says that it lives
 * @param followers readers that follow output or events at once, of one instance of the gateway
 * @param memo answers of the result cache that are kept ready, of one instance of the gateway
 * @param edge who is at the other end
 */
public record GatewaySettings(
    String host,
    int port,
    int connections,
    ByteSize headerBytes,
    ByteSize uriBytes,
    ByteSize jsonBody,
    ByteSize stdin,
    ByteSize blob,
    Duration idle,
    Duration stall,
    Duration waitMax,
    Duration heartbeat,
    int followers,
    Memo memo,
    Edge edge) {

  /** In clear, with no proxy before it. */
  public GatewaySettings(
      String host,
      int port,
      int connections,
      ByteSize headerBytes,
      ByteSize uriBytes,
      ByteSize jsonBody,
      ByteSize stdin,
      ByteSize blob,
      Duration idle,
      Duration stall,
      Duration waitMax,
      Duration heartbeat,
      int followers,
      Memo memo) {
    this(
        host,
        port,
        connections,
        headerBytes,
        uriBytes,
        jsonBody,
        stdin,
        blob,
        idle,
        stall,
        waitMax,
        heartbeat,
        followers,
        memo,
        Edge.PLAIN);
  }

  /**
   * Who is at the other end of a connection.
   *
   * @param tls null: in clear
   * @param proxies who is believed when it says for whom it asks
   */
  public record Edge(@Nullable TlsFiles tls, TrustedProxies proxies) {
    static final Edge PLAIN = new Edge(null, TrustedProxies.NONE);
  }

  /**
   * The answers that are kept ready.
   *
   * @param requestBytes the largest body of a request that is remembered
   * @param bytes of all of them; zero keeps none
   */
  public record Memo(ByteSize requestBytes, ByteSize bytes) {}

  /** The same on another port. */
  public GatewaySettings onPort(int other) {
    return new GatewaySettings(
        host,
        other,
        connections,
        headerBytes,
        uriBytes,
        jsonBody,
        stdin,
        blob,
        idle,
        stall,
        waitMax,
        heartbeat,
        followers,
        memo,
        edge);
  }

  /** What a node has that is told nothing else. */
  public static GatewaySettings defaults(String host, int port) {
    return new GatewaySettings(
        host,
        port,
        4096,
        ByteSize.parse("16KiB"),
        ByteSize.parse("16KiB"),
        ByteSize.parse("4MiB"),
        ByteSize.parse("4GiB"),
        ByteSize.parse("16GiB"),
        Duration.ofSeconds(60),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofSeconds(15),
        2048,
        new Memo(ByteSize.parse("4KiB"), ByteSize.parse("16MiB")));
  }
}
