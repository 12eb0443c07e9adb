import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One caller on one connection, one request at a time: java bench/Latency.java HOST:PORT TOOL NUMBER
 * FIRST. The text parameter counts up from FIRST. Prints the median and the 99th percentile in
 * milliseconds, and what the answers say of the cache.
 */
public final class Latency {
  private Latency() {}

  public static void main(String[] arguments) throws IOException {
    String[] address = arguments[0].split(":", -1);
    String tool = arguments[1];
    int number = Integer.parseInt(arguments[2]);
    int first = Integer.parseInt(arguments[3]);
    Map<String, Integer> cache = new TreeMap<>();
    double[] millis = new double[number];
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])));
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      for (int i = 0; i < number; i++) {
        byte[] request = request(arguments[0], tool, first + i);
        long begin = System.nanoTime();
        socket.getOutputStream().write(request);
        String use = answer(in);
        millis[i] = (System.nanoTime() - begin) / 1e6;
        cache.merge(use, 1, Integer::sum);
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT, "%.3f %.3f %s%n", millis[number / 2], millis[number * 99 / 100], cache);
  }

  private static byte[] request(String host, String tool, int text) {
    String body = "{\"params\":{\"text\":\"" + text + "\"}}";
    String head =
        "POST /v1/tools/%s/runs HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
            + "Content-Length: %d\r\n\r\n";
    return (head.formatted(tool, host, body.length()) + body).getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads one answer; returns what its Cache-Status says. */
  private static String answer(InputStream in) throws IOException {
    String status = line(in);
    if (!status.contains(" 200 ")) {
      throw new IOException("refused: " + status);
    }
    int length = 0;
    String cache = "none";
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      } else if (lower.startsWith("cache-status:")) {
        cache = lower.substring(13).strip().replaceAll("; ttl=-?\\d+", "");
      }
    }
    in.skipNBytes(length);
    return cache;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      if (c != '\r') {
        text.append((char) c);
      }
    }
    return text.toString();
  }
}
