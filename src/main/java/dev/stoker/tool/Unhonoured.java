package dev.stoker.tool;

import dev.stoker.tool.ToolDefinition.Isolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a file asks for and no node of this version can give. Such a tool is listed and never run: a
 * wish for protection that is quietly dropped would be worse than none.
 */
final class Unhonoured {
  private Unhonoured() {}

  /** Every such key with what is allowed instead; null when there is none. */
  static @Nullable String reason(ToolFile file) {
    List<String> reasons = new ArrayList<>();
    Isolation isolation = file.isolation() == null ? Isolation.CONFINED : file.isolation();
    if (isolation != Isolation.NONE) {
      String level = isolation.name().toLowerCase(Locale.ROOT);
      String how = file.isolation() == null ? level + " (the default)" : level;
      reasons.add("isolation: " + how + " cannot be given by this node yet; allowed here: none");
    }
    if (file.network() == ToolFile.Network.NONE) {
      reasons.add("network: none cannot be enforced by this node yet; allowed here: host");
    }
    ToolFile.Limits limits = file.limits();
    if (limits != null) {
      key(reasons, "limits.memory", limits.memory());
      key(reasons, "limits.cpu", limits.cpu());
      key(reasons, "limits.pids", limits.pids());
      key(reasons, "limits.disk", limits.disk());
    }
    key(reasons, "pool", file.pool());
    key(reasons, "worker", file.worker());
    if (file.scopes() != null && !file.scopes().isEmpty()) {
      key(reasons, "scopes", file.scopes());
    }
    return reasons.isEmpty() ? null : String.join("; ", reasons);
  }

  private static void key(List<String> reasons, String key, @Nullable Object value) {
    if (value != null) {
      reasons.add(key + " cannot be given by this node yet; allowed here: leave it out");
    }
  }
}
