package dev.stoker.header;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that are believed when they say for whom they ask, in {@code X-Forwarded-For}.
 * Immutable.
 */
public final class TrustedProxies {
  /** Nobody is believed. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  /** Enough to tell an address from a name, which would be looked up. */
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]{7,15}|[0-9a-fA-F:.]{2,45}");

  private static final int HOPS_MAX = 16;

  private final List<Range> ranges;

  private record Range(byte[] network, int bits) {
    boolean contains(byte[] address) {
      if (address.length != network.length) {
        return false;
      }
      int drop = address.length * 8 - bits;
      return new BigInteger(1, address)
          .shiftRight(drop)
          .equals(new BigInteger(1, network).shiftRight(drop));
    }
  }

  private TrustedProxies(List<Range> ranges) {
    this.ranges = List.copyOf(ranges);
  }

  /**
   * Reads addresses and ranges, such as {@code 10.0.0.1}, {@code 10.1.0.0/16}, {@code fd00::/8}.
   *
   * @throws IllegalArgumentException naming the one that is neither
   */
  public static TrustedProxies parse(List<String> texts) {
    return texts.isEmpty()
        ? NONE
        : new TrustedProxies(texts.stream().map(TrustedProxies::range).toList());
  }

  private static Range range(String text) {
    String[] parts = text.split("/", -1);
    byte[] network = parts.length > 2 ? null : address(parts[0]);
    if (network != null) {
      int all = network.length * 8;
      if (parts.length == 1) {
        return new Range(network, all);
      }
      if (parts[1].matches("[0-9]{1,3}") && Integer.parseInt(parts[1]) <= all) {
        return new Range(network, Integer.parseInt(parts[1]));
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is not allowed; allowed: an address or a range such as 10.1.0.0/16");
  }

  /**
   * For whom a peer asks: the last address of the field that is not itself a trusted proxy's. Null
   * where the peer is not trusted, or says nothing that is an address.
   *
   * @param forwardedFor {@code X-Forwarded-For}, several joined by commas
   */
  public @Nullable String client(String peer, @Nullable String forwardedFor) {
    if (ranges.isEmpty() || forwardedFor == null || !trusts(address(peer))) {
      return null;
    }
    String[] hops = forwardedFor.split(",", -1);
    String client = null;
    for (int i = hops.length - 1; i >= Math.max(0, hops.length - HOPS_MAX); i--) {
      String hop = hops[i].strip();
      byte[] address = address(hop);
      if (address == null) {
        return client;
      }
      client = hop;
      if (!trusts(address)) {
        return client;
      }
    }
    return client;
  }

  private boolean trusts(byte @Nullable [] address) {
    return address != null && ranges.stream().anyMatch(range -> range.contains(address));
  }

  private static byte @Nullable [] address(String text) {
    try {
      return ADDRESS.matcher(text).matches() ? InetAddress.ofLiteral(text).getAddress() : null;
    } catch (IllegalArgumentException notOne) {
      return null;
    }
  }
}
