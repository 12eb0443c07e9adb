package dev.stoker.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hosts in network namespaces, each with a link to a bridge that has a namespace too, so that
 * nothing of the machine's own network is touched. Closing removes them all.
 */
final class Network implements AutoCloseable {
  private static final AtomicInteger MADE = new AtomicInteger();

  private final String id = "stk" + ProcessHandle.current().pid() + "x" + MADE.incrementAndGet();
  private final String hub = id + "hub";
  private final List<String> hosts = new ArrayList<>();

  private Network() {}

  static boolean isPossible() {
    return "root".equals(System.getProperty("user.name"))
        && Files.exists(Path.of("/sys/fs/cgroup"));
  }

  static Network open(int hosts) {
    Network network = new Network();
    try {
      network.make(hosts);
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Before the command that is to run on a host. */
  List<String> prefix(int host) {
    return List.of("ip", "netns", "exec", hosts.get(host));
  }

  List<String> addresses() {
    List<String> addresses = new ArrayList<>();
    for (int host = 0; host < hosts.size(); host++) {
      addresses.add(address(host));
    }
    return addresses;
  }

  /** Nothing gets through any more, and nobody is told. */
  void cut(int host) {
    ip("-n", hub, "link", "set", "h" + host, "nomaster");
  }

  void mend(int host) {
    ip("-n", hub, "link", "set", "h" + host, "master", "bridge");
  }

  /** What the host sends gets through; what is sent to it does not: nobody has that card. */
  void deafen(int host) {
    others(host, "replace", "lladdr", "02:00:00:00:00:99", "nud", "permanent");
  }

  void undeafen(int host) {
    others(host, "delete");
  }

  private void others(int host, String verb, String... words) {
    for (int other = 0; other < hosts.size(); other++) {
      if (other != host) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("-n", hosts.get(other), "neighbour", verb, address(host)));
        command.addAll(List.of("dev", "eth0"));
        command.addAll(List.of(words));
        ip(command.toArray(String[]::new));
      }
    }
  }

  @Override
  public void close() {
    for (String namespace : List.copyOf(hosts)) {
      ip("netns", "delete", namespace);
      hosts.remove(namespace);
    }
    ip("netns", "delete", hub);
  }

  private void make(int count) {
    ip("netns", "add", hub);
    ip("-n", hub, "link", "add", "bridge", "type", "bridge");
    ip("-n", hub, "link", "set", "bridge", "up");
    for (int host = 0; host < count; host++) {
      String namespace = id + "h" + host;
      ip("netns", "add", namespace);
      hosts.add(namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
      ip("-n", hub, "link", "add", "h" + host, "type", "veth", "peer", "eth0", "netns", namespace);
      ip("-n", namespace, "address", "add", address(host) + "/24", "dev", "eth0");
      ip("-n", namespace, "link", "set", "eth0", "up");
      ip("-n", hub, "link", "set", "h" + host, "up");
      mend(host);
    }
  }

  private static String address(int host) {
    return "10.77.0." + (host + 1);
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
