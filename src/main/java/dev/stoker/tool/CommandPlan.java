package dev.stoker.tool;

import dev.stoker.tool.Template.Part;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a tool is started. Immutable.
 *
 * @param requires programs that the command starts itself, by name or absolute path
 * @param environment each variable's value in pieces
 * @param exposed parameters whose values may not begin with {@code -}
 */
record CommandPlan(
    Template template,
    List<String> requires,
    Map<String, List<Part>> environment,
    Set<String> exposed) {
  CommandPlan {
    requires = List.copyOf(requires);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    exposed = Set.copyOf(exposed);
  }
}
