package dev.stoker.tool;

import dev.stoker.run.Digest;
import dev.stoker.schema.ParameterSchema;
import dev.stoker.template.CommandTemplate;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a catalog file says, ready for use on any node. Immutable.
 *
 * @param unhonoured why no node of this version can run it; null when one could
 */
record ParsedTool(
    ToolDefinition definition,
    Digest digest,
    ParameterSchema schema,
    CommandTemplate command,
    @Nullable String unhonoured) {

  /** The command's first element. */
  String program() {
    return definition.command().getFirst().toString();
  }

  /** Absolute paths among the template's fixed arguments: scripts, most likely. */
  List<Path> namedFiles() {
    return command.literals().stream()
        .skip(1)
        .filter(text -> text.startsWith("/"))
        .distinct()
        .map(Path::of)
        .toList();
  }
}
