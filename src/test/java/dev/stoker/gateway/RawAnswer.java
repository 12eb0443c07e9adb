package dev.stoker.gateway;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** An HTTP/1.1 answer of known length, as it came from a socket. */
record RawAnswer(String head, String body) {
  static RawAnswer read(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the head ends as: " + head.toString(StandardCharsets.US_ASCII));
      }
      head.write(next);
    }
    RawAnswer answer = new RawAnswer(head.toString(StandardCharsets.US_ASCII), "");
    String length = answer.header("Content-Length");
    byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
    return new RawAnswer(answer.head, new String(body, StandardCharsets.UTF_8));
  }

  int status() {
    return Integer.parseInt(head.substring(9, 12));
  }

  String header(String name) {
    String wanted = name.toLowerCase(Locale.ROOT) + ":";
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(wanted))
        .map(line -> line.substring(wanted.length()).trim())
        .findFirst()
        .orElse("");
  }

  String text() {
    return head + body;
  }
}
