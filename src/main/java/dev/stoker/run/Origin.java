package dev.stoker.run;

import org.jspecify.annotations.Nullable;

/**
 * Where a request came from. Immutable.
 *
 * @param remote the address at the other end of the connection; null where there is none
 * @param forwarded for whom a trusted proxy says that it asks; null where none does
 */
public record Origin(Channel channel, @Nullable String remote, @Nullable String forwarded) {
  /** From another program of the cluster, over the event bus, which tells no address. */
  public static final Origin BUS = new Origin(Channel.BUS, null, null);

  /** Stoker itself. */
  public static final Origin SYSTEM = new Origin(Channel.SYSTEM, null, null);

  /** The way in. */
  public enum Channel {
    HTTP,
    BUS,
    SYSTEM
  }
}
