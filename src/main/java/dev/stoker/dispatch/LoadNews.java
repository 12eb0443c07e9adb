package dev.stoker.dispatch;

import dev.stoker.executor.NodeLoad;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of a node's loads are worth telling the others. Not thread-safe: confined to the
 * dispatcher's context.
 *
 * <p>A node that is busy gives each slot that is freed to the next of its own queue at once. If the
 * others heard of the slot in between, each of them would order something for it, in vain. So a
 * load is told once it has settled, and not when it is what was told last; unless somebody may have
 * heard, with the answer to an order, that there is less room than there is now: it would leave
 * slots idle. Who believes that there is more asks, and is answered.
 */
final class LoadNews {
  /** Whoever came since then, or missed what was told, has heard nothing. */
  static final Duration AGAIN = Duration.ofSeconds(1);

  private final Map<String, Integer> mostByTool = new HashMap<>();
  private int most;
  private @Nullable NodeLoad newest;
  private @Nullable NodeLoad told;
  private long toldNanos;

  /** The load is another one now. */
  void changed(NodeLoad load) {
    newest = load;
    most = Math.max(most, load.used());
    load.usedByTool().forEach((tool, used) -> mostByTool.merge(tool, used, Math::max));
  }

  /** What is to be told now, if anything; it counts as told. */
  Optional<NodeLoad> next(long nowNanos) {
    NodeLoad load = newest;
    if (load == null || (isKnown(load) && nowNanos - toldNanos < AGAIN.toNanos())) {
      return Optional.empty();
    }
    told = load;
    toldNanos = nowNanos;
    most = load.used();
    mostByTool.clear();
    mostByTool.putAll(load.usedByTool());
    return Optional.of(load);
  }

  private boolean isKnown(NodeLoad load) {
    NodeLoad before = told;
    return before != null
        && before.slots() == load.slots()
        && before.draining() == load.draining()
        && before.used() == load.used()
        && before.usedByTool().equals(load.usedByTool())
        && most == load.used()
        && Objects.equals(mostByTool, load.usedByTool());
  }
}
