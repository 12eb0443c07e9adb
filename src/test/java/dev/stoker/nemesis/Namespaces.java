package dev.stoker.nemesis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * A network namespace for each node, joined by a bridge in one more, the hub, in which the thread
 * that makes this is until it closes it: the machine's own network sees nothing of it.
 *
 * <p>A link is cut as a pulled cable is: silently. One way is cut by sending what goes that way to
 * a hardware address that nobody has, so that nothing but {@code iproute2} is needed.
 *
 * <p>Made and closed by one thread; the rest is thread-safe.
 */
final class Namespaces implements Network {
  private static final String NOBODY = "02:00:00:00:de:ad";
  private static final String BRIDGE = "stoker";
  private static final int FIRST = 11;
  private static final AtomicInteger MADE = new AtomicInteger();

  private final String name;
  private final String subnet;
  private final int nodes;
  private final List<String> made = new ArrayList<>();
  private final NamespaceThread thread;

  private Namespaces(int nodes) {
    this.nodes = nodes;
    this.name = "stoker-" + ProcessHandle.current().pid() + "-" + MADE.incrementAndGet();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    this.subnet = "10." + random.nextInt(1, 255) + "." + random.nextInt(1, 255) + ".";
    try {
      makeHub();
      IntStream.range(0, nodes).forEach(this::makeNode);
      this.thread = new NamespaceThread(hubName());
    } catch (RuntimeException e) {
      remove();
      throw e;
    }
  }

  /** Skips the test, and says why, where there is no right to make namespaces. */
  static Namespaces of(int nodes) {
    Assumptions.assumeTrue(
        Shell.succeeds("ip", "netns", "list")
            && Shell.succeeds("unshare", "--net", "ip", "link", "set", "lo", "up"),
        "network namespaces are needed: run as root, with iproute2 and util-linux installed");
    return new Namespaces(nodes);
  }

  private void makeHub() {
    add(hubName());
    ip(hubName(), "link", "add", BRIDGE, "type", "bridge");
    ip(hubName(), "link", "set", BRIDGE, "up");
    ip(hubName(), "address", "add", hub() + "/24", "dev", BRIDGE);
  }

  private void makeNode(int node) {
    String own = nodeName(node);
    add(own);
    ip(hubName(), "link", "add", port(node), "type", "veth", "peer", "name", "eth0", "netns", own);
    ip(hubName(), "link", "set", port(node), "master", BRIDGE, "up");
    ip(own, "link", "set", "eth0", "up");
    ip(own, "address", "add", address(node) + "/24", "dev", "eth0");
  }

  private void add(String namespace) {
    Shell.run("ip", "netns", "add", namespace);
    made.add(namespace);
    ip(namespace, "link", "set", "lo", "up");
  }

  private static void ip(String namespace, String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
    command.addAll(List.of(arguments));
    Shell.run(command.toArray(String[]::new));
  }

  @Override
  public String hub() {
    return subnet + 1;
  }

  @Override
  public String address(int node) {
    return subnet + (FIRST + node);
  }

  @Override
  public List<String> prefix(int node) {
    return List.of("nsenter", "--net=/run/netns/" + nodeName(node));
  }

  @Override
  public void cut(int node) {
    ip(hubName(), "link", "set", port(node), "down");
  }

  @Override
  public void cutOneWay(int node, Direction direction) {
    switch (direction) {
      case OUTWARD -> others(node).forEach(other -> lose(nodeName(node), "eth0", other));
      case INWARD -> {
        lose(hubName(), BRIDGE, address(node));
        othersThan(node).forEach(other -> lose(nodeName(other), "eth0", address(node)));
      }
    }
  }

  @Override
  public void heal(int node) {
    ip(hubName(), "link", "set", port(node), "up");
    others(node).forEach(other -> find(nodeName(node), "eth0", other));
    find(hubName(), BRIDGE, address(node));
    othersThan(node).forEach(other -> find(nodeName(other), "eth0", address(node)));
  }

  private static void lose(String namespace, String device, String address) {
    ip(
        namespace,
        "neighbour",
        "replace",
        address,
        "lladdr",
        NOBODY,
        "nud",
        "permanent",
        "dev",
        device);
  }

  private static void find(String namespace, String device, String address) {
    // Absent where nothing was cut, and then there is nothing to undo.
    Shell.succeeds("ip", "-n", namespace, "neighbour", "del", address, "dev", device);
  }

  private List<String> others(int node) {
    List<String> addresses = new ArrayList<>(List.of(hub()));
    othersThan(node).forEach(other -> addresses.add(address(other)));
    return addresses;
  }

  private List<Integer> othersThan(int node) {
    return IntStream.range(0, nodes).filter(other -> other != node).boxed().toList();
  }

  private String hubName() {
    return name + "-hub";
  }

  private String nodeName(int node) {
    return name + "-" + node;
  }

  private static String port(int node) {
    return "port" + node;
  }

  @Override
  public void close() {
    thread.close();
    remove();
  }

  private void remove() {
    made.forEach(namespace -> Shell.succeeds("ip", "netns", "del", namespace));
    made.clear();
  }
}
