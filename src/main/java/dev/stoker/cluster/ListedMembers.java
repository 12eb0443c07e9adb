package dev.stoker.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.config.properties.PropertyDefinition;
import com.hazelcast.logging.ILogger;
import com.hazelcast.spi.discovery.DiscoveryNode;
import com.hazelcast.spi.discovery.DiscoveryStrategy;
import com.hazelcast.spi.discovery.DiscoveryStrategyFactory;
import com.hazelcast.spi.discovery.SimpleDiscoveryNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds members at listed addresses, and at those where this node has met one. Thread-safe.
 *
 * <p>Hazelcast's own list, when it looks for the other side of a split, waits five seconds for each
 * address where nobody is, one after the other. Here all are tried at once, and only those that
 * answer are given to it.
 */
final class ListedMembers implements DiscoveryStrategyFactory, DiscoveryStrategy {
  private static final Logger LOG = LoggerFactory.getLogger(ListedMembers.class);
  private static final int PROBE_MILLIS = 500;
  private static final int MET_MAX = 1000;

  private final List<String> listed;
  private final int port;
  private final int portTries;
  private final Set<InetSocketAddress> met = ConcurrentHashMap.newKeySet();
  private volatile boolean joined;

  /**
   * @param listed {@code host} or {@code host:port}
   * @param port of a host that is listed without one, the first of several
   * @param portTries how many ports of such a host may have a member
   */
  ListedMembers(List<String> listed, int port, int portTries) {
    this.listed = List.copyOf(listed);
    this.port = port;
    this.portTries = portTries;
  }

  /** From now on only a split is healed; before, members may be starting that nobody hears yet. */
  void joined() {
    joined = true;
  }

  /** A member was here, whom nobody need have listed. */
  void met(Address address) {
    if (met.size() < MET_MAX) {
      met.add(new InetSocketAddress(address.getHost(), address.getPort()));
    }
  }

  @Override
  public Iterable<DiscoveryNode> discoverNodes() {
    Set<InetSocketAddress> candidates = new LinkedHashSet<>();
    listed.forEach(member -> candidates.addAll(resolve(member)));
    if (!joined) {
      return nodes(candidates);
    }
    candidates.addAll(met);
    return nodes(answering(candidates));
  }

  @Override
  public void start() {}

  @Override
  public void destroy() {}

  @Override
  public Map<String, String> discoverLocalMetadata() {
    return Map.of();
  }

  @Override
  public Class<? extends DiscoveryStrategy> getDiscoveryStrategyType() {
    return ListedMembers.class;
  }

  @Override
  @SuppressWarnings("rawtypes") // as it is declared there
  public DiscoveryStrategy newDiscoveryStrategy(
      DiscoveryNode node, ILogger logger, Map<String, Comparable> properties) {
    return this;
  }

  @Override
  public Collection<PropertyDefinition> getConfigurationProperties() {
    return List.of();
  }

  private List<InetSocketAddress> resolve(String member) {
    int colon = member.lastIndexOf(':');
    // More than one colon: an IPv6 address, which has a port only behind brackets.
    boolean hasPort =
        colon > 0 && (member.indexOf(':') == colon || member.charAt(colon - 1) == ']');
    String host = hasPort ? member.substring(0, colon) : member;
    int first = hasPort ? Integer.parseInt(member.substring(colon + 1)) : port;
    int last = hasPort ? first : first + portTries - 1;
    List<InetSocketAddress> addresses = new ArrayList<>();
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        for (int number = first; number <= last; number++) {
          addresses.add(new InetSocketAddress(address, number));
        }
      }
    } catch (UnknownHostException e) {
      LOG.debug("{} is not known now", host, e);
    }
    return addresses;
  }

  private static List<InetSocketAddress> answering(Collection<InetSocketAddress> candidates) {
    Map<InetSocketAddress, Future<Boolean>> answers = new LinkedHashMap<>();
    // Closing waits for all of them.
    try (ExecutorService probes = Executors.newVirtualThreadPerTaskExecutor()) {
      candidates.forEach(
          candidate -> answers.put(candidate, probes.submit(() -> answers(candidate))));
    }
    return candidates.stream()
        .filter(candidate -> Objects.requireNonNull(answers.get(candidate)).resultNow())
        .toList();
  }

  private static boolean answers(InetSocketAddress candidate) {
    try (Socket socket = new Socket()) {
      socket.connect(candidate, PROBE_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static List<DiscoveryNode> nodes(Collection<InetSocketAddress> addresses) {
    List<DiscoveryNode> nodes = new ArrayList<>();
    addresses.forEach(address -> nodes.add(new SimpleDiscoveryNode(new Address(address))));
    return nodes;
  }
}
