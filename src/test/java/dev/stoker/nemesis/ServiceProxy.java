package dev.stoker.nemesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One address for several nodes, as a Service with kube-proxy is: each new connection goes to one
 * of the endpoints, and stays there, even when that is no endpoint any more. Knows nothing of HTTP
 * and tries nothing twice. Thread-safe.
 */
final class ServiceProxy implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final int CONNECT_MILLIS = 2000;

  private final ServerSocket server;
  private final List<URI> endpoints = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  ServiceProxy() {
    try {
      server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  void add(URI endpoint) {
    if (!endpoints.contains(endpoint)) {
      endpoints.add(endpoint);
    }
  }

  void remove(URI endpoint) {
    endpoints.remove(endpoint);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    List<URI> now = List.copyOf(endpoints);
    if (now.isEmpty()) {
      end(client);
      return;
    }
    URI to = now.get(ThreadLocalRandom.current().nextInt(now.size()));
    Socket node = new Socket();
    try {
      node.connect(new InetSocketAddress(to.getHost(), to.getPort()), CONNECT_MILLIS);
      node.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
    } catch (IOException e) {
      end(node);
      end(client);
      return;
    }
    open.add(node);
    Thread.ofVirtual().start(() -> copy(client, node));
    copy(node, client);
  }

  /** Until one of them ends; then both do. */
  private void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The same as an end.
    } finally {
      end(from);
      end(to);
    }
  }

  private void end(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is of no use any more.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Set.copyOf(open).forEach(this::end);
  }
}
