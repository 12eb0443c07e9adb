package dev.stoker;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.1 request on a connection of its own, whose answer is read as slowly as one likes.
 * Used by one thread; closing breaks it off.
 */
final class Wire implements AutoCloseable {
  private static final int RECEIVE_BYTES = 64 * 1024;
  private static final int PATIENCE_MILLIS = 90_000;

  private final Socket socket;
  private final BufferedInputStream in;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final Map<String, String> trailers = new LinkedHashMap<>();
  private int status;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
  }

  /** Sends a request; nothing of the answer is read. */
  static Wire send(URI base, String method, String path, String body, String... headers)
      throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(RECEIVE_BYTES);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), PATIENCE_MILLIS);
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head =
        new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: " + base.getHost() + "\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    if (content.length > 0) {
      head.append("Content-Length: ").append(content.length).append("\r\n");
    }
    head.append("\r\n");
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(content);
    return new Wire(socket);
  }

  static Wire get(URI base, String path, String... headers) throws IOException {
    return send(base, "GET", path, "", headers);
  }

  /** Reads the answer's head. */
  Wire head() throws IOException {
    String first = line();
    status = Integer.parseInt(first.split(" ", 3)[1]);
    fields(headers);
    return this;
  }

  int status() {
    return status;
  }

  String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** What came after the body; complete when the body was read to its end. */
  Map<String, String> trailers() {
    return trailers;
  }

  /** The body, whose length is told in chunks or before. */
  InputStream body() {
    return header("transfer-encoding").equals("chunked")
        ? new Chunks()
        : new Counted(Long.parseLong(header("content-length")));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void fields(Map<String, String> into) throws IOException {
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      into.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended after: " + line);
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private final class Counted extends InputStream {
    private long left;

    private Counted(long left) {
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException(left + " bytes are missing");
      }
      left -= read;
      return read;
    }
  }

  private final class Chunks extends InputStream {
    private long left;
    private boolean over;
    private boolean begun;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (left == 0 && !over) {
        next();
      }
      if (over) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("the answer was broken off");
      }
      left -= read;
      return read;
    }

    private void next() throws IOException {
      if (begun) {
        line();
      }
      begun = true;
      left = Long.parseLong(line().strip(), 16);
      if (left == 0) {
        over = true;
        fields(trailers);
      }
    }
  }
}
