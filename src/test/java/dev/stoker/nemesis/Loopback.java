package dev.stoker.nemesis;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Every node has a loopback address. Nothing can be cut. Immutable. */
final class Loopback implements Network {
  private static final int FIRST = 11;

  private final String prefix;

  Loopback() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    this.prefix = "127." + random.nextInt(1, 255) + "." + random.nextInt(1, 255) + ".";
  }

  @Override
  public String hub() {
    return "127.0.0.1";
  }

  @Override
  public String address(int node) {
    return prefix + (FIRST + node);
  }

  @Override
  public List<String> prefix(int node) {
    return List.of();
  }

  @Override
  public void cut(int node) {
    throw new UnsupportedOperationException("the loopback of node " + node + " cannot be cut");
  }

  @Override
  public void cutOneWay(int node, Direction direction) {
    cut(node);
  }

  @Override
  public void heal(int node) {
    // Nothing is ever cut.
  }

  @Override
  public void close() {
    // Nothing was made.
  }
}
