package dev.stoker.tool;

import dev.stoker.tool.ToolDefinition.Isolation;
import dev.stoker.tool.ToolDefinition.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a node can give to the tools that ask for it. A tool that asks for more is listed and never
 * run there: a wish for protection that is quietly dropped would be worse than none. Thread-safe.
 */
@FunctionalInterface
public interface Abilities {
  /**
   * Why this node cannot run a tool as it asks to be run: each key with what is allowed instead.
   * Empty when it can. Does not block.
   */
  List<String> refusals(ToolDefinition tool);

  /** Of a node that can isolate nothing. */
  static Abilities bare() {
    return tool -> {
      List<String> reasons = new ArrayList<>();
      if (tool.isolation() != Isolation.NONE) {
        String level = tool.isolation().name().toLowerCase(Locale.ROOT);
        reasons.add("isolation: " + level + " cannot be given by this node; allowed here: none");
      }
      if (tool.network() == Network.NONE) {
        reasons.add("network: none cannot be enforced by this node; allowed here: host");
      }
      ToolDefinition.Resources resources = tool.resources();
      key(reasons, "limits.memory", resources.memory());
      key(reasons, "limits.cpu", resources.cpu());
      key(reasons, "limits.pids", resources.pids());
      key(reasons, "limits.disk", resources.disk());
      key(reasons, "limits.openFiles", resources.openFiles());
      key(reasons, "limits.fileSize", resources.fileSize());
      key(reasons, "pool", tool.pool());
      return reasons;
    };
  }

  private static void key(List<String> reasons, String key, @Nullable Object value) {
    if (value != null) {
      reasons.add(key + " cannot be given by this node; allowed here: leave it out");
    }
  }
}
