package dev.stoker.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A DNS server (RFC 1035) on a loopback address that knows the A records it is told, and nothing
 * else. It has port 53, which the C library always asks, so it needs root.
 */
final class NameServer implements AutoCloseable {
  private static final int PORT = 53;
  private static final int QUERY_MAX = 512;
  private static final int HEADER = 12;
  private static final short TYPE_A = 1;
  private static final short CLASS_IN = 1;
  private static final short ANSWER = (short) 0x8400;
  private static final short NO_SUCH_NAME = (short) 0x8403;
  private static final short NAME_OF_THE_QUESTION = (short) 0xC00C;

  private final String address;
  private final DatagramSocket socket;
  private final Map<String, List<String>> records = new ConcurrentHashMap<>();

  NameServer(String address) {
    this.address = address;
    try {
      socket = new DatagramSocket(new InetSocketAddress(address, PORT));
    } catch (IOException e) {
      throw new UncheckedIOException("DNS on " + address + " needs root", e);
    }
    Thread.ofPlatform().daemon().start(this::serve);
  }

  /** What a headless service of Kubernetes has: an address for each pod. */
  void record(String name, String... addresses) {
    records.put(name.toLowerCase(Locale.ROOT), List.of(addresses));
  }

  /** Before a command that is to ask this server: in a mount namespace, with a resolv.conf. */
  List<String> prefix(Path directory) {
    try {
      Path file =
          Files.writeString(
              directory.resolve("resolv.conf"), "nameserver " + address + "\noptions timeout:1\n");
      return List.of(
          "unshare",
          "--mount",
          "sh",
          "-c",
          "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
          file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    socket.close();
  }

  private void serve() {
    byte[] buffer = new byte[QUERY_MAX];
    while (!socket.isClosed()) {
      DatagramPacket query = new DatagramPacket(buffer, buffer.length);
      try {
        socket.receive(query);
        byte[] answer = answer(Arrays.copyOf(buffer, query.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private byte[] answer(byte[] asked) throws IOException {
    ByteBuffer query = ByteBuffer.wrap(asked);
    short id = query.getShort();
    query.position(HEADER);
    StringBuilder name = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    short type = query.getShort();
    query.getShort();
    List<String> known = records.get(name.toString().toLowerCase(Locale.ROOT));
    List<String> given = known == null || type != TYPE_A ? List.of() : known;
    int questionEnd = query.position();
    ByteBuffer answer = ByteBuffer.allocate(QUERY_MAX);
    answer.putShort(id).putShort(known == null ? NO_SUCH_NAME : ANSWER);
    answer.putShort((short) 1).putShort((short) given.size()).putInt(0);
    answer.put(asked, HEADER, questionEnd - HEADER);
    for (String one : given) {
      byte[] bytes = InetAddress.getByName(one).getAddress();
      answer.putShort(NAME_OF_THE_QUESTION).putShort(TYPE_A).putShort(CLASS_IN).putInt(0);
      answer.putShort((short) bytes.length).put(bytes);
    }
    byte[] whole = new byte[answer.position()];
    answer.flip().get(whole);
    return whole;
  }
}
