package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.tool.Template.Part;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that a catalog file says, ready for use on any node. Immutable.
 *
 * @param requires programs that the command starts itself, by name or absolute path
 * @param exposed parameters whose values may not begin with {@code -}
 * @param unhonoured why no node of this version can run it; null when one could
 */
record ParsedTool(
    ToolDefinition definition,
    Digest digest,
    ParameterSchema schema,
    Template template,
    List<String> requires,
    Map<String, List<Part>> environment,
    Set<String> exposed,
    @Nullable String unhonoured) {
  ParsedTool {
    requires = List.copyOf(requires);
    environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    exposed = Set.copyOf(exposed);
  }

  /** The command's first element. */
  String program() {
    return definition.command().getFirst().toString();
  }

  /** Absolute paths among the template's fixed arguments: scripts, most likely. */
  List<Path> namedFiles() {
    return template.literals().stream()
        .skip(1)
        .filter(text -> text.startsWith("/"))
        .distinct()
        .map(Path::of)
        .toList();
  }
}
